using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// The L1 form of the square attack, for the L1 ball cut by [0, 1] (Croce and Hein, "Mind the box",
/// ICML 2021): the windows of the L2 form with steeper bumps, measured by their sum, and the exact
/// projection onto ball and box.
/// </summary>
internal static class SquareL1
{
    /// <summary>The start: bumps side by side all over the image, each of size 1.</summary>
    public static void Start(AttackRun run, int slot, ref KeyedRandom random) =>
        Show(run, slot, SquareL2.Bumps(run, Norm.L1, ref random));

    /// <summary>
    /// The best image with a window of new bumps, paid for by what epsilon has left and by another
    /// window, channel by channel.
    /// </summary>
    public static void Propose(
        AttackRun run, int slot, double share, ReadOnlySpan<float> best, ref KeyedRandom random)
    {
        (int channels, int rows, int columns) = SquareL2.Grid(run.Shape);
        (SquareL2.Window gains, SquareL2.Window pays) = SquareL2.Window.Pair(
            share, rows, columns, ref random);
        double[] change = SquareL2.Change(run, slot, best);
        double unspent = Math.Max(run.Budget.Epsilon.Value - change.Sum(Math.Abs), 0);
        double[] bumps = SquareL2.Bumps(gains.Height, gains.Width, Norm.L1, ref random);
        for (int c = 0; c < channels; c++)
        {
            double[] kept = SquareL2.Cut(gains, c, rows, columns, change);
            double old = kept.Sum(Math.Abs);
            double freed = old + SquareL2.Cut(pays, c, rows, columns, change).Sum(Math.Abs);
            int sign = random.NextSign();
            double[] mixed =
            [
                .. bumps.Zip(
                    kept, (bump, before) => (sign * bump) + (before / Math.Max(old, 1e-12))),
            ];
            double size = Math.Max(mixed.Sum(Math.Abs), 1e-12);
            SquareL2.Add(
                c, gains, rows, columns, (unspent + (channels * freed)) / size, change, mixed);
        }

        Show(run, slot, change);
    }

    private static void Show(AttackRun run, int slot, double[] change)
    {
        ReadOnlySpan<float> original = run.Original(slot);
        Span<float> image = run.Current(slot);
        Projection.ToBoxedL1Ball(original, change, run.Budget.Epsilon.Value);
        for (int i = 0; i < image.Length; i++) image[i] = (float)(original[i] + change[i]);
        run.Constrain(slot);
    }
}
