using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods;

/// <summary>
/// The L2 form of the square attack: windows of two bumps of opposite sign, and a budget that a
/// second window gives up for the first (Andriushchenko et al., ECCV 2020, algorithm 3). A flat
/// tensor counts as one row.
/// </summary>
internal static class SquareL2
{
    /// <summary>Windows per side at the start.</summary>
    private const int StartWindows = 5;

    /// <summary>
    /// The start: bumps side by side all over the image, each channel's of a random sign, epsilon
    /// long.
    /// </summary>
    public static void Start(AttackRun run, int slot, ref KeyedRandom random) =>
        Show(run, slot, Bumps(run, Norm.L2, ref random));

    /// <summary>
    /// The best image with a window of new bumps, paid for by what epsilon has left and by another
    /// window.
    /// </summary>
    public static void Propose(
        AttackRun run, int slot, double share, ReadOnlySpan<float> best, ref KeyedRandom random)
    {
        (int channels, int rows, int columns) = Grid(run.Shape);
        (Window gains, Window pays) = Window.Pair(share, rows, columns, ref random);
        double[] change = Change(run, slot, best);
        double epsilon = run.Budget.Epsilon.Value,
            unspent = (epsilon * epsilon) - change.Sum(d => d * d),
            freed = 0;
        double[] bumps = Bumps(gains.Height, gains.Width, Norm.L2, ref random);
        double[][] kept = new double[channels][];
        for (int c = 0; c < channels; c++) kept[c] = Cut(gains, c, rows, columns, change);
        double old = Math.Sqrt(kept.Sum(k => k.Sum(d => d * d)));
        for (int c = 0; c < channels; c++)
            freed += kept[c].Sum(d => d * d) + Cut(pays, c, rows, columns, change).Sum(d => d * d);
        double length = Math.Sqrt((Math.Max(unspent, 0) + freed) / channels);
        for (int c = 0; c < channels; c++)
        {
            int sign = random.NextSign();
            double[] mixed =
            [
                .. bumps.Zip(
                    kept[c], (bump, before) => (sign * bump) + (before / Math.Max(old, 1e-12))),
            ];
            double size = Math.Max(Math.Sqrt(mixed.Sum(d => d * d)), 1e-12);
            Add(c, gains, rows, columns, length / size, change, mixed);
        }

        Show(run, slot, change);
    }

    /// <summary>Bumps side by side all over the image, each channel's of a random sign.</summary>
    public static double[] Bumps(AttackRun run, Norm norm, ref KeyedRandom random)
    {
        (int channels, int rows, int columns) = Grid(run.Shape);
        int height = Math.Max(rows / StartWindows, 1), width = Math.Max(columns / StartWindows, 1);
        double[] change = new double[run.ImageLength];
        for (int top = rows % height / 2; top + height <= rows; top += height)
            for (int left = columns % width / 2; left + width <= columns; left += width)
            {
                double[] bumps = Bumps(height, width, norm, ref random);
                for (int c = 0; c < channels; c++)
                    Add(
                        c, new(top, left, height, width), rows, columns, random.NextSign(), change,
                        bumps);
            }

        return change;
    }

    /// <summary>What was done to an image.</summary>
    public static double[] Change(AttackRun run, int slot, ReadOnlySpan<float> image)
    {
        ReadOnlySpan<float> original = run.Original(slot);
        double[] change = new double[original.Length];
        for (int i = 0; i < change.Length; i++) change[i] = (double)image[i] - original[i];
        return change;
    }

    /// <summary>Channels, rows and columns; a flat tensor is one row.</summary>
    public static (int Channels, int Rows, int Columns) Grid(TensorShape shape) =>
        shape.Positions == 1 ? (1, 1, shape.Channels) : (shape.Channels, shape.Rows, shape.Columns);

    /// <summary>The original and the change, stretched to epsilon.</summary>
    private static void Show(AttackRun run, int slot, double[] change)
    {
        double size = Math.Max(Math.Sqrt(change.Sum(d => d * d)), 1e-12);
        Span<float> image = run.Current(slot);
        ReadOnlySpan<float> original = run.Original(slot);
        for (int i = 0; i < image.Length; i++)
            image[i] = (float)(original[i] + (run.Budget.Epsilon.Value / size * change[i]));
        run.Constrain(slot);
    }

    /// <summary>Takes a window out of a channel; returns what was there.</summary>
    public static double[] Cut(Window window, int channel, int rows, int columns, double[] change)
    {
        double[] cut = new double[Sizes.Values(window.Height, window.Width)];
        for (int i = 0; i < cut.Length; i++)
        {
            int at = window.At(i, channel, rows, columns);
            (cut[i], change[at]) = (change[at], 0);
        }

        return cut;
    }

    /// <summary>Adds a window's values times a factor.</summary>
    public static void Add(
        int channel, Window window, int rows, int columns, double factor, double[] change,
        double[] values)
    {
        for (int i = 0; i < values.Length; i++)
            change[window.At(i, channel, rows, columns)] += factor * values[i];
    }

    /// <summary>
    /// Two bumps of opposite sign beside or above each other, of size 1 together.
    /// </summary>
    public static double[] Bumps(int height, int width, Norm norm, ref KeyedRandom random)
    {
        double[] values = new double[Sizes.Values(height, width)];
        bool beside = height == 1 || (width > 1 && random.NextSign() > 0);
        int half = (beside ? width : height) / 2;
        if (beside)
        {
            Bump(values, width, new(0, 0, height, half), norm, 1);
            Bump(values, width, new(0, half, height, width - half), norm, -1);
        }
        else
        {
            Bump(values, width, new(0, 0, half, width), norm, 1);
            Bump(values, width, new(half, 0, height - half, width), norm, -1);
        }

        double size = Size(values, norm);
        for (int i = 0; i < values.Length; i++) values[i] /= size;
        return values;
    }

    /// <summary>
    /// Rings about the middle of a part, the k-th adding <c>1 / k^2</c> (L1: <c>1 / k^4</c>) to all
    /// within it; of size 1.
    /// </summary>
    private static void Bump(double[] values, int stride, Window part, Norm norm, int sign)
    {
        double[] bump = new double[Sizes.Values(part.Height, part.Width)];
        for (int i = 0; i < bump.Length; i++)
        {
            int away = Math.Max(
                Math.Abs((i / part.Width) - (part.Height / 2)),
                Math.Abs((i % part.Width) - (part.Width / 2)));
            int rings = Math.Max(part.Height / 2, part.Width / 2) + 1;
            for (int k = away + 1; k <= rings; k++)
            {
                double square = (double)k * k;
                bump[i] += 1.0 / (norm == Norm.L2 ? square : square * square);
            }
        }

        double size = Size(bump, norm);
        for (int i = 0; i < bump.Length; i++)
            values[((part.Top + (i / part.Width)) * stride) + part.Left + (i % part.Width)] +=
                sign * bump[i] / size;
    }

    private static double Size(double[] values, Norm norm) => Math.Max(
        norm == Norm.L2 ? Math.Sqrt(values.Sum(v => v * v)) : values.Sum(Math.Abs), 1e-12);

    /// <summary>A part of a channel.</summary>
    public readonly record struct Window(int Top, int Left, int Height, int Width)
    {
        /// <summary>Two windows that cover a share of a channel each, anywhere.</summary>
        public static (Window First, Window Second) Pair(
            double share, int rows, int columns, ref KeyedRandom random)
        {
            int side = Math.Max((int)Math.Round(Math.Sqrt(share * rows * columns)), 3) | 1;
            if (rows == 1) side = Math.Max((int)Math.Round(share * columns), 3) | 1;
            Window first = Random(side, rows, columns, ref random);
            return (first, Random(side, rows, columns, ref random));
        }

        private static Window Random(int side, int rows, int columns, ref KeyedRandom random)
        {
            int height = Math.Min(side, rows),
                width = Math.Min(side, columns);
            return new(
                random.NextBelow(rows - height + 1), random.NextBelow(columns - width + 1), height,
                width);
        }

        public int At(int i, int channel, int rows, int columns) =>
            (((channel * rows) + Top + (i / Width)) * columns) + Left + (i % Width);
    }
}
