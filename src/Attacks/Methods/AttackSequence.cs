using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// Attacks one after another, each on the images that still stand. AutoAttack (Croce and Hein, ICML
/// 2020) is such a sequence.
/// </summary>
/// <param name="name">The sequence's name.</param>
/// <param name="attacks">In order.</param>
internal sealed class AttackSequence(string name, params IReadOnlyList<IAttack> attacks) : IAttack
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => attacks.Max(a => a.Needs);

    /// <inheritdoc/>
    public bool StopsAtSource => true;

    /// <inheritdoc/>
    public bool AttemptsDiffer => attacks.Count > 1;

    /// <inheritdoc/>
    public bool RunsAlone => attacks.Any(a => a.RunsAlone);

    /// <inheritdoc/>
    public bool StartsAtBest => attacks.Any(a => a.StartsAtBest);

    /// <inheritdoc/>
    public int Attempts(int classes) => attacks.Sum(a => a.Attempts(classes));

    /// <inheritdoc/>
    public int LeastClasses => attacks.Max(a => a.LeastClasses);

    /// <inheritdoc/>
    public string? WhyNot(Norm norm) =>
        attacks.Select(a => a.WhyNot(norm)).FirstOrDefault(reason => reason is not null);

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        int attempt = run.Attempt;
        foreach (IAttack attack in attacks)
        {
            int attempts = attack.Attempts(run.Classes);
            if (attempt < attempts)
            {
                run.Delegate(attack, attempt);
                return;
            }

            attempt -= attempts;
        }
    }
}
