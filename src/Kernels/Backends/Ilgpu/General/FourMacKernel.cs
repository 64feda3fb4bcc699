using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu.Packed;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>What the kernel of four filters is compiled for.</summary>
/// <param name="Mac">The datapath's modes.</param>
/// <param name="Marked">1 when only outputs are computed whose bound is marked.</param>
internal readonly record struct FourModes(MacModes Mac, int Marked);

/// <summary>
/// <see cref="MacKernel"/> for four filters of a group at one position: one thread goes through the
/// window once and reads each input once for all four, and four sums hide each other's latency.
/// </summary>
internal static class FourMacKernel
{
    /// <summary>Filters of a thread.</summary>
    public const int Filters = 4;

    /// <summary>Four outputs.</summary>
    /// <param name="index">(image * fours + four) * positions + position.</param>
    /// <param name="from">What it reads; weights [step][channel], filled up to fours.</param>
    /// <param name="marks">Bounds among which marked ones are looked for.</param>
    /// <param name="to">What it fills.</param>
    /// <param name="sizes">The layer's sizes.</param>
    /// <param name="key">Of the random bits.</param>
    /// <param name="modes">What the kernel is compiled for.</param>
    public static void Run(
        Index1D index, MacOperands from, ExactSums marks, LayerResults to, MacSizes sizes,
        RunKey key, SpecializedValue<FourModes> modes) =>
        Compute(index, from, marks, to, sizes, key, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(
        Index1D index, MacOperands from, ExactSums marks, LayerResults to, MacSizes sizes,
        RunKey key, FourModes modes)
    {
        WindowShape window = sizes.Window;
        int position = index % window.ToPositions;
        int rest = index / window.ToPositions;
        int fours = (window.ToChannels + Filters - 1) / Filters;
        int image = rest / fours;
        int channel = rest % fours * Filters;
        WindowPlace p = window.Element(image, channel, position);
        WindowPlace q = window.Element(image, Last(channel + 1, window), position);
        WindowPlace r = window.Element(image, Last(channel + 2, window), position);
        WindowPlace s = window.Element(image, Last(channel + 3, window), position);
        int positions = window.ToPositions;
        bool storesP = modes.Marked == 0 || marks.IsMarked(p, positions);
        bool storesQ = modes.Marked == 0 || marks.IsMarked(q, positions);
        bool storesR = modes.Marked == 0 || marks.IsMarked(r, positions);
        bool storesS = modes.Marked == 0 || marks.IsMarked(s, positions);
        if (!storesP && !storesQ && !storesR && !storesS) return;

        WindowWalk walk = window.Origin(image, window.FirstRead(channel), position);
        var a = MacSum.Begin(from.Bias[p.Channel], modes.Mac);
        var b = MacSum.Begin(from.Bias[q.Channel], modes.Mac);
        var c = MacSum.Begin(from.Bias[r.Channel], modes.Mac);
        var d = MacSum.Begin(from.Bias[s.Channel], modes.Mac);
        int update = 0;
        int w = channel;
        for (int first = 0; first < sizes.Depth; first += sizes.Lanes)
        {
            int end = sizes.EndOfUpdate(first, modes.Mac);
            for (int step = first; step < end; step++)
            {
                walk = walk.Step(from.Taps[step]);
                long x = MacKernel.Operand(from.Input, walk, sizes, modes.Mac);
                a = a.Multiply(x, from.Weights[w], step, p, key, modes.Mac);
                b = b.Multiply(x, from.Weights[w + 1], step, q, key, modes.Mac);
                c = c.Multiply(x, from.Weights[w + 2], step, r, key, modes.Mac);
                d = d.Multiply(x, from.Weights[w + 3], step, s, key, modes.Mac);
                w += fours * Filters;
            }

            a = a.Accumulate(update, p, key, modes.Mac);
            b = b.Accumulate(update, q, key, modes.Mac);
            c = c.Accumulate(update, r, key, modes.Mac);
            d = d.Accumulate(update, s, key, modes.Mac);
            update++;
        }

        int at = (image * window.ToLength) + p.Element;
        int left = window.ToChannels - channel;
        if (storesP) a.Store(at, from, to, update, p, key, modes.Mac);
        if (storesQ && left > 1) b.Store(at + positions, from, to, update, q, key, modes.Mac);
        if (storesR && left > 2) c.Store(at + (2 * positions), from, to, update, r, key, modes.Mac);
        if (storesS && left > 3) d.Store(at + (3 * positions), from, to, update, s, key, modes.Mac);
    }

    /// <summary>Filters past the last are computed as the last, and not stored.</summary>
    private static int Last(int channel, WindowShape window) =>
        IntrinsicMath.Min(channel, window.ToChannels - 1);
}
