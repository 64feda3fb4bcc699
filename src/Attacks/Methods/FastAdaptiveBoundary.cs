using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// FAB in its targeted form: projects onto the linearised boundary towards one class after another,
/// pulled back to the image all the while (Croce and Hein, "Minimally distorted adversarial
/// examples with a fast adaptive boundary attack", ICML 2020), and at the end searches between the
/// image and the best found. Looks for the smallest change.
/// </summary>
/// <param name="steps">Steps per target, a gradient and a query each.</param>
/// <param name="targets">Likeliest wrong classes tried.</param>
/// <param name="pull">Most weight of the original's own projection (alpha).</param>
/// <param name="overshoot">Factor on projections (eta).</param>
/// <param name="backward">Factor on the change once the boundary is crossed (beta).</param>
/// <param name="name">Its name in results.</param>
internal sealed class FastAdaptiveBoundary(
    int steps = 100, int targets = 9, double pull = 0.1, double overshoot = 1.05,
    double backward = 0.9, string name = "fab-t") : IAttack
{
    /// <summary>Steps of the final search, as in the authors' code.</summary>
    private const int SearchRounds = 3;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Knowledge Needs => Knowledge.Gradients;

    /// <inheritdoc/>
    public bool IsMinimalNorm => true;

    /// <inheritdoc/>
    public bool IsDeterministic => true;

    /// <inheritdoc/>
    public int Attempts(int classes) => Math.Min(targets, classes - 1);

    /// <inheritdoc/>
    public void Run(AttackRun run)
    {
        var loss = new LogitDifferenceLoss(run.Classes);
        int[] labels = Targets.Encode(run, run.Attempt, loss.Label);
        int length = run.ImageLength;
        float[] best = new float[Sizes.Elements(run.Count, length)];
        double[] distances = new double[run.Count];
        double[] atOriginal = new double[run.Count];
        foreach (int slot in run.Active)
        {
            distances[slot] = double.PositiveInfinity;
            atOriginal[slot] = run.Margin(slot);
            run.Original(slot).CopyTo(best.AsSpan(slot * length));
        }

        // A step that crossed the boundary is turned back at once, so that all steps are steps.
        for (int step = 0; step < steps && run.Active.Count > 0; step++)
        {
            run.Gradients(loss, labels);
            foreach (int slot in run.Active) Step(run, slot);
            run.Query();
            foreach (int slot in run.Active)
                if (run.Decision(slot) != run.Label(slot))
                    TurnBack(run, slot, best.AsSpan(slot * length, length), distances);
        }

        int[] found = [.. run.Active.Where(slot => double.IsFinite(distances[slot]))];
        Search(run, found, best, atOriginal);
        foreach (int slot in run.Active)
            best.AsSpan(slot * length, length).CopyTo(run.Current(slot));
    }

    /// <summary>
    /// Between image and best found, goes where the margin would be zero if it were linear, then on
    /// between the nearest two on either side of the boundary.
    /// </summary>
    private static void Search(AttackRun run, int[] slots, float[] best, double[] marginInside)
    {
        int length = run.ImageLength;
        float[] inside = new float[best.Length];
        double[] marginOutside = new double[run.Count];
        foreach (int slot in slots)
        {
            run.Original(slot).CopyTo(inside.AsSpan(slot * length));
            best.AsSpan(slot * length, length).CopyTo(run.Current(slot));
        }

        run.Query(slots);
        foreach (int slot in slots) marginOutside[slot] = run.Margin(slot);
        for (int round = 0; round < SearchRounds; round++)
        {
            slots = [.. slots.Where(slot => run.Active.Contains(slot))];
            foreach (int slot in slots)
            {
                double away = marginOutside[slot] - marginInside[slot];
                double share = away > 0 ? Math.Clamp(marginOutside[slot] / away, 0, 1) : 0.5;
                for (int i = 0, at = slot * length; i < length; i++, at++)
                    run.Current(slot)[i] = (float)(
                        best[at] + (share * ((double)inside[at] - best[at])));
            }

            run.Query(slots);
            foreach (int slot in slots)
            {
                bool isOutside = run.Decision(slot) != run.Label(slot);
                run.Current(slot).CopyTo((isOutside ? best : inside).AsSpan(slot * length));
                (isOutside ? marginOutside : marginInside)[slot] = run.Margin(slot);
            }
        }
    }

    private void TurnBack(AttackRun run, int slot, Span<float> best, double[] distances)
    {
        Span<float> image = run.Current(slot);
        ReadOnlySpan<float> original = run.Original(slot);
        double distance = run.Budget.Distance(original, image);
        if (distance < distances[slot])
        {
            distances[slot] = distance;
            image.CopyTo(best);
        }

        for (int i = 0; i < image.Length; i++)
            image[i] = original[i] + (float)(backward * ((double)image[i] - original[i]));
    }

    private void Step(AttackRun run, int slot)
    {
        Span<float> image = run.Current(slot);
        ReadOnlySpan<float> original = run.Original(slot), w = run.Gradient(slot);
        double fromOriginal = -run.Loss(slot);
        for (int i = 0; i < image.Length; i++)
            fromOriginal += (double)w[i] * ((double)image[i] - original[i]);
        double[] own = new double[image.Length],
            originals = new double[image.Length];
        BoxedHyperplane.Project(run.Budget.Norm, image, w, -run.Loss(slot), own);
        BoxedHyperplane.Project(run.Budget.Norm, original, w, fromOriginal, originals);
        double a = Math.Max(Size(run.Budget.Norm, own), 1e-8),
            b = Math.Max(Size(run.Budget.Norm, originals), 1e-8);
        double alpha = Math.Min(a / (a + b), pull);
        for (int i = 0; i < image.Length; i++)
        {
            double moved = ((image[i] + (overshoot * own[i])) * (1 - alpha))
                + ((original[i] + (overshoot * originals[i])) * alpha);
            image[i] = (float)Math.Clamp(moved, 0, 1);
        }
    }

    private static double Size(Norm norm, double[] change) => norm switch
    {
        Norm.Linf => change.Max(Math.Abs),
        Norm.L2 => Math.Sqrt(change.Sum(d => d * d)),
        Norm.L1 => change.Sum(Math.Abs),
    };
}
