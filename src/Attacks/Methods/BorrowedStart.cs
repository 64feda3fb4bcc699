using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;

namespace QSim.Attacks.Methods;

/// <summary>
/// What a weaker attacker would send, and on from there: the images that an attack makes on the
/// float network are shown to the hardware, and where they do not fool it APGD starts at them.
/// Without a float network behind the source there is nothing to do.
/// </summary>
/// <param name="first">Made on the float network.</param>
/// <param name="steps">Of APGD on cross-entropy on the hardware; 0 for none.</param>
internal sealed class BorrowedStart(IAttack first, int steps) : IAttack
{
    /// <inheritdoc/>
    public string Name => $"borrowed {first.Name}";

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public int Attempts(int classes) => first.Attempts(classes);

    /// <inheritdoc/>
    public int LeastClasses => first.LeastClasses;

    /// <inheritdoc/>
    public string? WhyNot(Norm norm) => first.WhyNot(norm);

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        if (!run.Borrow(first)) return;
        run.Query();
        if (steps > 0 && run.Active.Count > 0)
            AutoPgd.On(CrossEntropyLoss.Instance, Name, steps, 2, StartPoint.Image).Run(run);
    }
}

/// <summary>
/// The images with which the very attack that this is part of breaks the float network.
/// </summary>
internal sealed class BorrowedOwn : IAttack
{
    /// <inheritdoc/>
    public string Name => "borrowed own";

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Scores;

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        if (run.BorrowOwn()) run.Query();
    }
}
