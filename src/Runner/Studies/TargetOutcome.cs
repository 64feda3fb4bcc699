using QSim.Runner.Statistics;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Studies;

/// <summary>What became of each image in one cell.</summary>
/// <param name="Address">The cell.</param>
/// <param name="Outcomes">One character per image: 1 for right.</param>
internal sealed record TargetOutcome(CellAddress Address, string Outcomes)
{
    /// <summary>Whether it is what all attacks together leave.</summary>
    public bool IsWorst => Address.Attack == AccuracyCell.WorstAttack;

    /// <summary>The accuracy with its interval.</summary>
    public AccuracyCell ToAccuracy() => AccuracyCell.Of(
        Address.Seed, Address.Threat, Address.Target, Address.Attack, Address.Epsilon,
        new Proportion(Outcomes.Count(c => c == '1'), Outcomes.Length));
}

/// <summary>
/// Robust accuracy: an image counts where every attack of a threat model fails on it.
/// </summary>
internal static class WorstAttack
{
    /// <summary>
    /// One outcome per seed, threat model, budget and target that met all the attacks.
    /// </summary>
    public static IReadOnlyList<TargetOutcome> Of(
        IEnumerable<TargetOutcome> outcomes, IReadOnlyList<string> attacks) =>
        [
            .. from o in outcomes
            where o.Address.Threat is not null
            group o by o.Address with
            {
                Attack = AccuracyCell.WorstAttack,
            } into same
            where same.Count() == attacks.Count
            select new TargetOutcome(same.Key, Worst([.. same.Select(o => o.Outcomes)])),
        ];

    private static string Worst(string[] outcomes) =>
        string.Create(
            outcomes[0].Length,
            outcomes,
            (worst, all) =>
            {
                for (int i = 0; i < worst.Length; i++)
                    worst[i] = all.All(o => o[i] == '1') ? '1' : '0';
            });
}
