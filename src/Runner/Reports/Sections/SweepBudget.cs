using QSim.Attacks.Evaluation;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>Clean images, or the deciding attack at one budget.</summary>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Attack">The attack.</param>
/// <param name="Epsilon">As the user wrote it.</param>
/// <param name="Value">What that comes to.</param>
internal sealed record SweepBudget(
    ThreatModel? Threat, string Attack, string Epsilon, double Value)
{
    /// <summary>Those that were measured: clean first, then threat models and budgets.</summary>
    public static IReadOnlyList<SweepBudget> Of(ReportData data) =>
    [
        .. data.Cells
            .Where(c => c.Threat is null || c.Attack == data.DecidingAttack)
            .Select(c => new SweepBudget(c.Threat, c.Attack, c.Epsilon, c.EpsilonValue))
            .DistinctBy(b => (b.Threat, b.Value))
            .OrderBy(b => b.Threat is { } threat
                ? 1 + data.Study.Settings.Threats.ToList().IndexOf(threat)
                : 0)
            .ThenBy(b => b.Value),
    ];

    /// <summary>In words: <c>clean images</c>, <c>worst attack at 8/255</c>.</summary>
    public string Title(ReportData data)
    {
        if (Threat is not { } threat) return "clean images";
        string attack = Attack == AccuracyCell.WorstAttack ? "worst attack" : Attack;
        string model = data.Study.Settings.Threats.Count > 1 ? $", {EnumWord.Of(threat)}" : "";
        return $"{attack} at {Epsilon}{model}";
    }

    /// <summary>For names of files.</summary>
    public string Id => Threat is { } threat
        ? $"{EnumWord.Of(threat)}-{Attack}-{Epsilon}"
        : "clean";

    /// <summary>Whether a cell is one of it.</summary>
    public bool Has(AccuracyCell cell) =>
        cell.Threat == Threat && cell.EpsilonValue == Value
        && (Threat is null || cell.Attack == Attack);

    /// <summary>The same of what is said of a swept key.</summary>
    public bool Has(Studies.Sweeps.SmallestValue value) =>
        value.Threat == Threat && value.EpsilonValue == Value;
}
