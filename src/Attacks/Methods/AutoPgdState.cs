using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>What APGD remembers of one image.</summary>
internal sealed class AutoPgdState
{
    /// <summary>
    /// Share of a stretch's steps that must raise the loss, else the step is halved.
    /// </summary>
    private const double Threshold = 0.75;

    private readonly float[] _position;
    private readonly float[] _previous;
    private readonly float[] _gradient;
    private readonly float[] _bestGradient;
    private readonly float[] _losses;
    private float _bestLoss;
    private float _bestLossAtCheck;
    private double _step;
    private bool _halvedAtCheck = true;
    private int _lastCheck;

    public AutoPgdState(AttackRun run, int slot, int steps, double relativeStep)
    {
        _position = run.Current(slot).ToArray();
        _previous = [.. _position];
        Best = [.. _position];
        _gradient = run.Gradient(slot).ToArray();
        _bestGradient = [.. _gradient];
        _losses = new float[steps + 1];
        _losses[0] = _bestLoss = _bestLossAtCheck = run.Loss(slot);
        _step = relativeStep * run.Budget.Epsilon.Value;
    }

    /// <summary>The image of the highest loss so far.</summary>
    public float[] Best { get; }

    /// <summary>The step size now.</summary>
    public double Step => _step;

    /// <summary>
    /// Checkpoints: 22% of the steps, then stretches that shrink by 3% down to 6%.
    /// </summary>
    public static IReadOnlyList<int> PlanCheckpoints(int steps)
    {
        int stretch = Math.Max((int)(0.22 * steps), 1);
        int shrink = Math.Max((int)(0.03 * steps), 1), least = Math.Max((int)(0.06 * steps), 1);
        List<int> checkpoints = [];
        for (int at = stretch; at <= steps; at += stretch)
        {
            checkpoints.Add(at);
            stretch = Math.Max(stretch - shrink, least);
        }

        return checkpoints;
    }

    /// <summary>
    /// <c>z = P(x + step * direction)</c>, then <c>x = P(x + a (z - x) + (1 - a)(x - previous
    /// x))</c>, into the run's current image.
    /// </summary>
    public void Move(AttackRun run, int slot, float a)
    {
        Span<float> next = run.Current(slot);
        _position.CopyTo(next);
        Ascent.Step(run.Budget.Norm, _gradient, _step, next);
        run.Constrain(slot);
        for (int i = 0; i < next.Length; i++)
        {
            float old = _position[i];
            next[i] = old + ((next[i] - old) * a) + ((old - _previous[i]) * (1 - a));
        }

        run.Constrain(slot);
        _position.CopyTo(_previous, 0);
        next.CopyTo(_position);
    }

    /// <summary>
    /// Takes in loss and gradient at the new point; at a checkpoint decides about the step.
    /// </summary>
    public void Learn(AttackRun run, int slot, int step, bool isCheckpoint)
    {
        run.Gradient(slot).CopyTo(_gradient);
        _losses[step + 1] = run.Loss(slot);
        if (_losses[step + 1] > _bestLoss)
        {
            _bestLoss = _losses[step + 1];
            _position.CopyTo(Best, 0);
            _gradient.CopyTo(_bestGradient, 0);
        }

        if (isCheckpoint) Check(step + 1);
    }

    private void Check(int at)
    {
        int rises = 0, stretch = at - _lastCheck;
        for (int i = _lastCheck; i < at; i++)
            if (_losses[i + 1] > _losses[i])
                rises++;
        bool halve =
            rises <= Threshold * stretch || (!_halvedAtCheck && _bestLossAtCheck >= _bestLoss);
        (_halvedAtCheck, _bestLossAtCheck, _lastCheck) = (halve, _bestLoss, at);
        if (!halve) return;
        _step /= 2;
        Best.CopyTo(_position, 0);
        _bestGradient.CopyTo(_gradient, 0);
    }
}
