using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;

namespace QSim.Attacks.Methods;

/// <summary>
/// APGD under L1 (Croce and Hein, "Mind the box: l1-APGD for sparse adversarial attacks on image
/// classifiers", ICML 2021): steps along the signs of the largest gradients, fewer and fewer of
/// them as the best change so far gets sparser, each followed by the exact projection onto the L1
/// ball cut by [0, 1]. As in their ensemble it works in radii of three, two and one epsilon, each
/// from where the one before got to. Constants are those of their code.
/// </summary>
/// <remarks>
/// In one thing this is not their code: it counts pixels at a wall among those that a step moves,
/// and so may stand still with budget left where walls are near, as in images of 64 pixels; here
/// the number of pixels to move is taken from those off their walls. Where none is at a wall both
/// are the same.
/// </remarks>
internal static class SparseAutoPgd
{
    /// <summary>
    /// Share of the steps in each of the first two radii, rounded up; the last has the rest.
    /// </summary>
    private const double StageShare = 0.3;

    /// <summary>Share of a stage's steps between two looks at sparsity and step.</summary>
    private const double CheckShare = 0.04;

    private static readonly int[] Radii = [3, 2, 1];

    /// <summary>Makes an attempt.</summary>
    /// <param name="run">Where.</param>
    /// <param name="loss">What to climb.</param>
    /// <param name="labels">By slot, what the loss is about; null means the true classes.</param>
    /// <param name="steps">In all radii together; each takes one gradient more.</param>
    /// <param name="trace">Told before every step.</param>
    public static void Run(
        AttackRun run, ILoss loss, int[]? labels, int steps, StepTrace? trace = null)
    {
        var states = new SparseAutoPgdState?[run.Count];
        foreach (int slot in run.Active)
        {
            RandomStart.Normal(run, slot);
            states[slot] = new(run, slot);
        }

        int done = 0;
        foreach (int radius in Radii)
        {
            int end = radius == 1
                ? steps
                : Math.Min(done + (int)Math.Ceiling(StageShare * steps), steps);
            int stretch = Math.Max((int)(CheckShare * (end - done)), 1);
            foreach (int slot in run.Active) states[slot]!.Enter(run, slot, radius);
            Ask(run, loss, labels, radius);
            foreach (int slot in run.Active) states[slot]!.Begin(run, slot);
            for (int step = 0; done < end && run.Active.Count > 0; step++, done++)
            {
                foreach (int slot in run.Active)
                {
                    trace?.Invoke(slot, done, states[slot]!.Step, run.Current(slot));
                    states[slot]!.Move(run, slot);
                }

                Ask(run, loss, labels, radius);
                foreach (int slot in run.Active)
                    states[slot]!.Learn(run, slot, (step + 1) % stretch == 0);
            }
        }

        foreach (int slot in run.Active) states[slot]!.Best.CopyTo(run.Current(slot));
    }

    private static void Ask(AttackRun run, ILoss loss, int[]? labels, int radius)
    {
        if (radius > 1) run.ProbeGradients(loss, labels);
        else run.Gradients(loss, labels);
    }
}
