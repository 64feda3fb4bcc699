using System.Runtime.Intrinsics;

namespace QSim.Attacks.Gradients.Managed;

/// <summary>
/// A matrix of weights times the windows of a source: a convolution, its transpose, or a dense
/// layer, whose window is all there is. Every sum is one chain of multiply-adds, channel by
/// channel, taps in the kernel's order.
/// </summary>
/// <remarks>
/// Needs windows that lie in their planes, which Windows asserts; weights as Pack packs them.
/// </remarks>
internal sealed unsafe class WindowProduct
{
    /// <summary>Steps of a reduction that a table spells out at most.</summary>
    private const int LongestTable = 64;

    private static readonly int[] Heights = [6, 4, 1];

    private readonly WindowClass[] _classes;
    private readonly Reduction[][] _reductions;
    private readonly List<Tap[]> _tables = [];
    private readonly int _depth;
    private readonly int _channels;
    private readonly int _rows;
    private readonly int _row;

    /// <param name="classes">The windows.</param>
    /// <param name="channels">Channels of the source.</param>
    /// <param name="taps">Positions of the kernel.</param>
    /// <param name="sourcePositions">Positions of a source plane.</param>
    /// <param name="rows">Channels of the target.</param>
    /// <param name="targetPositions">Positions of a target plane.</param>
    public WindowProduct(
        WindowClass[] classes, int channels, int taps, int sourcePositions, int rows,
        int targetPositions)
    {
        (_classes, _channels, _depth) = (classes, channels, channels * taps);
        (_rows, _row) = (rows, targetPositions * ImageLanes.Count);
        _reductions = [.. Heights.Select(height => classes
            .Select(c => Reduce(c, taps, height, sourcePositions * ImageLanes.Count)).ToArray())];
    }

    /// <summary>
    /// Packs weights: element (row, channel, tap) is at from[row * rowStep + channel * channelStep
    /// + tap].
    /// </summary>
    public void Pack(float* from, nint rowStep, nint channelStep, float* to)
    {
        int taps = _depth / _channels;
        for (int m = 0, height; m < _rows; m += height)
        {
            height = Height(_rows - m);
            for (int c = 0; c < _channels; c++)
                for (int t = 0; t < taps; t++)
                    for (int i = 0; i < height; i++)
                        *to++ = from[((m + i) * rowStep) + (c * channelStep) + t];
        }
    }

    /// <summary>Fills the target, or adds to it.</summary>
    /// <param name="weights">As <see cref="Pack"/> packs them.</param>
    /// <param name="initial">One value per row.</param>
    /// <param name="x">The source.</param>
    /// <param name="y">The target.</param>
    /// <param name="end">What becomes of the sums.</param>
    public void Run(float* weights, float* initial, float* x, float* y, Epilogue end)
    {
        for (int lane = 0; lane < ImageLanes.Count; lane += 2 * Vector256<float>.Count)
            for (int m = 0, height; m < _rows; m += height)
            {
                height = Height(_rows - m);
                Reduction[] reductions = _reductions[Array.IndexOf(Heights, height)];
                float* w = weights + ((nint)m * _depth),
                    to = y + ((nint)m * _row) + lane;
                for (int c = 0; c < _classes.Length; c++)
                    if (height == 1)
                        Row(w, x + lane, reductions[c], initial[m], to, _classes[c], end);
                    else
                        Rows(height, w, x + lane, reductions[c], initial + m, to, _classes[c], end);
            }
    }

    private void Rows(
        int height, float* w, float* x, in Reduction steps, float* initial, float* y, WindowClass c,
        in Epilogue end)
    {
        int[] from = c.From, to = c.To;
        for (int p = 0; p < from.Length; p++)
            if (height == 6) Tiles.Rows6(w, x + from[p], steps, initial, y + to[p], _row, end);
            else Tiles.Rows4(w, x + from[p], steps, initial, y + to[p], _row, end);
    }

    private static void Row(
        float* w, float* x, in Reduction steps, float initial, float* y, WindowClass c,
        in Epilogue end)
    {
        int* from = stackalloc int[4], to = stackalloc int[4];
        for (int p = 0; p < c.From.Length; p += 4)
        {
            for (int i = 0; i < 4; i++)
            {
                int at = Math.Min(p + i, c.From.Length - 1);
                (from[i], to[i]) = (c.From[at], c.To[at]);
            }

            Tiles.Row1(w, x, steps, initial, y, from, to, end);
        }
    }

    private static int Height(int rows) =>
        rows >= 6 && rows is not (8 or 9) ? 6
        : rows >= 4 ? 4
        : 1;

    private Reduction Reduce(WindowClass window, int taps, int height, int plane)
    {
        // Several channels in one table, so that the inner loop is long where windows are small.
        int steps = window.Taps.Length, fold = Math.Max(1, LongestTable / Math.Max(1, steps));
        while (_channels % fold != 0) fold--;
        Tap[] table = GC.AllocateUninitializedArray<Tap>(Math.Max(1, fold * steps), pinned: true);
        for (int i = 0; i < fold * steps; i++)
        {
            int channel = i / steps, tap = i % steps;
            table[i] = new(
                height * ((channel * taps) + window.Taps[tap]),
                (channel * plane) + window.Offsets[tap]);
        }

        _tables.Add(table);
        fixed (Tap* first = table)
            return new(
                first, fold * steps, _channels / fold, (nint)height * fold * taps,
                (nint)fold * plane);
    }
}
