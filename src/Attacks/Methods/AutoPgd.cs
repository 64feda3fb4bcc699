using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;

namespace QSim.Attacks.Methods;

/// <summary>
/// PGD with momentum that halves its own step where a stretch of it did not help, and goes back to
/// the best point then (Croce and Hein, "Reliable evaluation of adversarial robustness", ICML 2020,
/// algorithm 1). Under L1 see <see cref="SparseAutoPgd"/>.
/// </summary>
internal sealed class AutoPgd : IAttack
{
    private const float Momentum = 0.75f;

    /// <summary>The first step over epsilon, under Linf and L2.</summary>
    private const double FirstStep = 2;

    private readonly int _steps;
    private readonly int _targets;
    private readonly ILoss? _loss;
    private readonly double _relativeStep;
    private readonly StartPoint _start;

    private AutoPgd(
        string name, int steps, ILoss? loss, int targets, double relativeStep = FirstStep,
        StartPoint start = StartPoint.Bound)
    {
        (Name, _steps, _loss, _targets) = (name, steps, loss, targets);
        (_relativeStep, _start) = (relativeStep, start);
        Checkpoints = AutoPgdState.PlanCheckpoints(steps);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public int Steps => _steps;

    /// <summary>
    /// Steps after which the step size is looked at: 22, 41, 57, 70, 80, 87, 93, 99 of 100.
    /// </summary>
    public IReadOnlyList<int> Checkpoints { get; }

    /// <summary>
    /// Told (slot, step, step size, point) before every step, for comparison with other
    /// implementations.
    /// </summary>
    internal StepTrace? Trace { get; set; }

    /// <inheritdoc/>
    /// <remarks>Whoever traces it.</remarks>
    public bool RunsAlone => Trace is not null;

    /// <inheritdoc/>
    public int LeastClasses =>
        _targets > 0 ? TargetedDlrLoss.LeastClasses
        : _loss is DlrLoss ? DlrLoss.LeastClasses
        : 2;

    /// <summary>On cross-entropy.</summary>
    public static AutoPgd CrossEntropy(int steps = 100, string name = "apgd-ce") =>
        new(name, steps, CrossEntropyLoss.Instance, 0);

    /// <summary>
    /// On cross-entropy of rescaled logits, whose gradient large logits do not make vanish.
    /// </summary>
    public static AutoPgd Scaled(int steps = 100, string name = "apgd-scaled") =>
        new(name, steps, RescaledCrossEntropyLoss.Instance, 0);

    /// <summary>On how far the best wrong logit is above the true one.</summary>
    public static AutoPgd Margin(int steps = 100, string name = "apgd-margin") =>
        new(name, steps, MarginLoss.Instance, 0);

    /// <summary>On any loss.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="name">The attack's name.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="relativeStep">The first step over epsilon; L1 has steps of its own.</param>
    /// <param name="start">Where it starts; L1 has a start of its own.</param>
    public static AutoPgd On(
        ILoss loss, string name, int steps, double relativeStep, StartPoint start) =>
        new(name, steps, loss, 0, relativeStep, start);

    /// <summary>On the difference of logits ratio.</summary>
    public static AutoPgd Dlr(int steps = 100, string name = "apgd-dlr") =>
        new(name, steps, DlrLoss.Instance, 0);

    /// <summary>
    /// On the targeted ratio, towards each of the likeliest wrong classes in turn.
    /// </summary>
    /// <param name="steps">Steps towards each.</param>
    /// <param name="targets">Likeliest wrong classes gone for.</param>
    /// <param name="name">The attack's name.</param>
    /// <param name="relativeStep">The first step over epsilon; L1 has steps of its own.</param>
    /// <param name="start">Where it starts; L1 has a start of its own.</param>
    public static AutoPgd TargetedDlr(
        int steps = 100, int targets = 9, string name = "apgd-t", double relativeStep = FirstStep,
        StartPoint start = StartPoint.Bound) =>
        new(name, steps, null, targets, relativeStep, start);

    /// <inheritdoc/>
    public int Attempts(int classes) => _targets == 0 ? 1 : Math.Min(_targets, classes - 1);

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        if (_loss is { } loss)
        {
            Climb(run, loss, null);
            return;
        }

        var targeted = new TargetedDlrLoss(run.Classes);
        Climb(run, targeted, Targets.Encode(run, run.Attempt, targeted.Label));
    }

    private void Climb(AttackRun run, ILoss loss, int[]? labels)
    {
        if (run.Budget.Norm == Norm.L1)
        {
            SparseAutoPgd.Run(run, loss, labels, _steps, Trace);
            return;
        }

        foreach (int slot in run.Active) RandomStart.Move(run, slot, _start);
        var states = new AutoPgdState?[run.Count];
        run.Gradients(loss, labels);
        foreach (int slot in run.Active) states[slot] = new(run, slot, _steps, _relativeStep);
        for (int step = 0; step < _steps && run.Active.Count > 0; step++)
        {
            foreach (int slot in run.Active)
                Trace?.Invoke(slot, step, states[slot]!.Step, run.Current(slot));
            foreach (int slot in run.Active)
                states[slot]!.Move(run, slot, step == 0 ? 1 : Momentum);
            run.Gradients(loss, labels);
            foreach (int slot in run.Active)
                states[slot]!.Learn(run, slot, step, Checkpoints.Contains(step + 1));
        }

        foreach (int slot in run.Active) states[slot]!.Best.CopyTo(run.Current(slot));
    }
}
