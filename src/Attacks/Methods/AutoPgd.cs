using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;

namespace QSim.Attacks.Methods;

/// <summary>
/// PGD with momentum that halves its own step where a stretch of it did not help, and goes back to
/// the best point then (Croce and Hein, "Reliable evaluation of adversarial robustness", ICML 2020,
/// algorithm 1). Under L1 see <see cref="SparseAutoPgd"/>.
/// </summary>
public sealed class AutoPgd : IAttack
{
    private const float Momentum = 0.75f;
    private readonly int _steps;
    private readonly int _targets;
    private readonly ILoss? _loss;

    private AutoPgd(string name, int steps, ILoss? loss, int targets)
    {
        (Name, _steps, _loss, _targets) = (name, steps, loss, targets);
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

    /// <summary>On cross-entropy (rescaled on hardware).</summary>
    public static AutoPgd CrossEntropy(int steps = 100, string name = "apgd-ce") =>
        new(name, steps, null, 0);

    /// <summary>On the difference of logits ratio.</summary>
    public static AutoPgd Dlr(int steps = 100, string name = "apgd-dlr") =>
        new(name, steps, DlrLoss.Instance, 0);

    /// <summary>
    /// On the targeted ratio, towards each of the likeliest wrong classes in turn.
    /// </summary>
    public static AutoPgd TargetedDlr(int steps = 100, int targets = 9) =>
        new("apgd-t", steps, null, targets);

    /// <inheritdoc/>
    public int Attempts(int classes) => _targets == 0 ? 1 : Math.Min(_targets, classes - 1);

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        ILoss loss = _loss ?? run.DefaultLoss;
        int[]? labels = null;
        if (_targets > 0)
        {
            var targeted = new TargetedDlrLoss(run.Classes);
            (loss, labels) = (targeted, Targets.Encode(run, run.Attempt, targeted.Label));
        }

        if (run.Budget.Norm == Norm.L1) SparseAutoPgd.Run(run, loss, labels, _steps, Trace);
        else Climb(run, loss, labels);
    }

    private void Climb(AttackRun run, ILoss loss, int[]? labels)
    {
        foreach (int slot in run.Active) RandomStart.AtBound(run, slot);
        var states = new AutoPgdState?[run.Count];
        run.Gradients(loss, labels);
        foreach (int slot in run.Active) states[slot] = new(run, slot, _steps);
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

/// <summary>Follows APGD's steps.</summary>
internal delegate void StepTrace(int slot, int step, double size, ReadOnlySpan<float> point);
