using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>What <see cref="SparseAutoPgd"/> remembers of one image.</summary>
internal sealed class SparseAutoPgdState
{
    /// <summary>
    /// How many more pixels the best change has, off their walls, than the next steps move; and
    /// what a step is divided by where the best change has not become sparser.
    /// </summary>
    private const double Factor = 1.5;

    /// <summary>The least step is the radius over this.</summary>
    private const double MostDivision = 10;

    /// <summary>The best change is sparser when it has less than this share of pixels.</summary>
    private const double Sparser = 0.95;

    private readonly float[] _position;
    private readonly float[] _gradient;
    private readonly float[] _bestGradient;
    private float _bestLoss;
    private double _radius;
    private int _pixels;
    private int _changed;

    /// <summary>Starts at the current image.</summary>
    public SparseAutoPgdState(AttackRun run, int slot)
    {
        _position = run.Current(slot).ToArray();
        Best = [.. _position];
        (_gradient, _bestGradient) = (new float[Best.Length], new float[Best.Length]);
    }

    /// <summary>The image of the highest loss in this radius.</summary>
    public float[] Best { get; }

    /// <summary>The step size now.</summary>
    public double Step { get; private set; }

    /// <summary>Takes the best image so far into a radius, as the current one.</summary>
    /// <param name="run">Where.</param>
    /// <param name="slot">Which.</param>
    /// <param name="radius">In epsilons.</param>
    public void Enter(AttackRun run, int slot, int radius)
    {
        // No two images are further apart than their number of pixels.
        _radius = Math.Min(radius * run.Budget.Epsilon.Value, run.ImageLength);
        Step = _radius;
        Show(run, slot, Change(run, slot, Best));
    }

    /// <summary>Takes in loss and gradient where the radius is entered.</summary>
    public void Begin(AttackRun run, int slot)
    {
        _bestLoss = float.NegativeInfinity;
        Learn(run, slot, isCheckpoint: false);
        _changed = Changed(run, slot);
        _pixels = Fewer(run, slot);
    }

    /// <summary>
    /// <c>P(x + step * s / k)</c> into the run's current image, s the signs of the largest
    /// gradients, k of them of pixels that are not at the wall they would go to; those at theirs
    /// are held there.
    /// </summary>
    public void Move(AttackRun run, int slot)
    {
        float[] free = [.. Enumerable.Range(0, _position.Length).Where(IsFree)
            .Select(i => Math.Abs(_gradient[i]))];
        if (free.Length == 0) return;
        Array.Sort(free);
        float least = free[Math.Max(free.Length - _pixels, 0)];
        double size = Step / free.Count(g => g >= least);
        double[] change = Change(run, slot, _position);
        for (int i = 0; i < change.Length; i++)
            if (Math.Abs(_gradient[i]) >= least) change[i] += size * Ascent.Sign(_gradient[i]);
        Show(run, slot, change);
    }

    /// <summary>
    /// Takes in loss and gradient at the new point; at a checkpoint decides about sparsity and
    /// step.
    /// </summary>
    public void Learn(AttackRun run, int slot, bool isCheckpoint)
    {
        run.Current(slot).CopyTo(_position);
        run.Gradient(slot).CopyTo(_gradient);
        if (run.Loss(slot) > _bestLoss)
        {
            _bestLoss = run.Loss(slot);
            _position.CopyTo(Best, 0);
            _gradient.CopyTo(_bestGradient, 0);
        }

        if (isCheckpoint) Check(run, slot);
    }

    /// <summary>
    /// Where the best change has become sparser, goes on from it with the first step; elsewhere
    /// with a smaller step from where it is.
    /// </summary>
    private void Check(AttackRun run, int slot)
    {
        int changed = Changed(run, slot);
        bool isSparser = changed < Sparser * _changed;
        (_pixels, _changed) = (Fewer(run, slot), changed);
        Step = isSparser ? _radius : Math.Max(Step / Factor, _radius / MostDivision);
        if (!isSparser) return;
        Best.CopyTo(_position, 0);
        _bestGradient.CopyTo(_gradient, 0);
    }

    /// <summary>Pixels to move next.</summary>
    private int Fewer(AttackRun run, int slot)
    {
        ReadOnlySpan<float> original = run.Original(slot);
        int open = 0;
        for (int i = 0; i < Best.Length; i++)
            if (Best[i] != original[i] && Best[i] is > 0 and < 1) open++;
        return Math.Max((int)(open / Factor), 1);
    }

    private bool IsFree(int i) =>
        _gradient[i] > 0 ? _position[i] < 1 : _gradient[i] < 0 && _position[i] > 0;

    /// <summary>Pixels that the best image has changed.</summary>
    private int Changed(AttackRun run, int slot)
    {
        ReadOnlySpan<float> original = run.Original(slot);
        int changed = 0;
        for (int i = 0; i < Best.Length; i++)
            if (Best[i] != original[i]) changed++;
        return changed;
    }

    private static double[] Change(AttackRun run, int slot, float[] image)
    {
        ReadOnlySpan<float> original = run.Original(slot);
        double[] change = new double[image.Length];
        for (int i = 0; i < change.Length; i++) change[i] = (double)image[i] - original[i];
        return change;
    }

    private void Show(AttackRun run, int slot, double[] change)
    {
        ReadOnlySpan<float> original = run.Original(slot);
        Span<float> image = run.Current(slot);
        Projection.ToBoxedL1Ball(original, change, _radius);
        for (int i = 0; i < image.Length; i++) image[i] = (float)(original[i] + change[i]);
    }
}
