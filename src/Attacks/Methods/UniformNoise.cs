using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// A uniform point of the budget, tried so many times: the baseline that any attack has to beat.
/// </summary>
/// <param name="tries">Points tried per image.</param>
/// <param name="name">Its name in results.</param>
internal sealed class UniformNoise(int tries = 1, string name = "noise") : IAttack
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Labels;

    /// <inheritdoc/>
    public int Attempts(int classes) => tries;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        foreach (int slot in run.Active) RandomStart.Uniform(run, slot);
    }
}
