using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Backends.Ilgpu.Packed;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>What the kernel of four filters in 32 bits is compiled for.</summary>
/// <param name="Mac">The datapath's modes.</param>
/// <param name="Marked">1 when only outputs are computed whose bound is marked.</param>
/// <param name="Update">The accumulator's update.</param>
/// <param name="Pads">1 when windows reach beyond the image.</param>
internal readonly record struct NarrowModes(
    MacModes Mac, int Marked, NarrowUpdate Update, int Pads);

/// <summary>
/// <see cref="FourMacKernel"/> in 32 bits, and four steps of the reduction at a time, so that what
/// they read is on its way together: ILGPU does not unroll loops, and a step by itself waits for
/// its own weights.
/// </summary>
internal static class NarrowFourKernel
{
    private const int Filters = FourMacKernel.Filters;

    /// <summary>Four outputs.</summary>
    /// <param name="index">(image * fours + four) * positions + position.</param>
    /// <param name="from">What it reads.</param>
    /// <param name="weights">[step][four filters].</param>
    /// <param name="marks">Bounds among which marked ones are looked for.</param>
    /// <param name="to">What it fills.</param>
    /// <param name="sizes">The layer's sizes.</param>
    /// <param name="key">Of the requantization's random bits.</param>
    /// <param name="modes">What the kernel is compiled for.</param>
    public static void Run(
        Index1D index, MacOperands from, ArrayView<FourInts> weights, ExactSums marks,
        LayerResults to, MacSizes sizes, RunKey key, SpecializedValue<NarrowModes> modes) =>
        Compute(index, from, weights, marks, to, sizes, key, modes.Value);

    /// <summary>The same for modes that are constants where it is inlined.</summary>
    public static void Compute(
        Index1D index, MacOperands from, ArrayView<FourInts> weights, ExactSums marks,
        LayerResults to, MacSizes sizes, RunKey key, NarrowModes modes)
    {
        WindowShape window = sizes.Window;
        int positions = window.ToPositions, position = index % positions;
        int rest = index / positions, fours = (window.ToChannels + Filters - 1) / Filters;
        int image = rest / fours, four = rest % fours, channel = four * Filters;
        int left = window.ToChannels - channel;
        WindowPlace p = window.Element(image, channel, position);
        WindowPlace q = window.Element(image, Last(channel + 1, window), position);
        WindowPlace r = window.Element(image, Last(channel + 2, window), position);
        WindowPlace s = window.Element(image, Last(channel + 3, window), position);
        bool storesP = modes.Marked == 0 || marks.IsMarked(p, positions);
        bool storesQ = left > 1 && (modes.Marked == 0 || marks.IsMarked(q, positions));
        bool storesR = left > 2 && (modes.Marked == 0 || marks.IsMarked(r, positions));
        bool storesS = left > 3 && (modes.Marked == 0 || marks.IsMarked(s, positions));
        if (!storesP && !storesQ && !storesR && !storesS) return;

        FourNarrowSums sums = Sum(
            from, weights.SubView(four, weights.Length - four), fours,
            window.Origin(image, window.FirstRead(channel), position),
            new(
                NarrowSum.Begin(from.Bias[p.Channel], modes.Mac),
                NarrowSum.Begin(from.Bias[q.Channel], modes.Mac),
                NarrowSum.Begin(from.Bias[r.Channel], modes.Mac),
                NarrowSum.Begin(from.Bias[s.Channel], modes.Mac)),
            sizes, modes);
        int at = (image * window.ToLength) + p.Element;
        if (storesP) sums.A.Store(at, from, to, p, key, modes);
        if (storesQ) sums.B.Store(at + positions, from, to, q, key, modes);
        if (storesR) sums.C.Store(at + (2 * positions), from, to, r, key, modes);
        if (storesS) sums.D.Store(at + (3 * positions), from, to, s, key, modes);
    }

    /// <summary>All steps of the reduction.</summary>
    private static FourNarrowSums Sum(
        MacOperands from, ArrayView<FourInts> weights, int stride, WindowWalk walk,
        FourNarrowSums sums, MacSizes sizes, NarrowModes modes)
    {
        long w = 0;
        for (int step = 0; step < sizes.Depth;)
        {
            int end = modes.Mac.OneLane == 1
                ? sizes.Depth
                : IntrinsicMath.Min(step + sizes.Lanes, sizes.Depth);
            for (; step + 3 < end; step += 4)
            {
                // Taps are moves from one place to the next, so only what is read there overlaps.
                WindowWalk a = walk.Step(from.Taps[step]), b = a.Step(from.Taps[step + 1]);
                WindowWalk c = b.Step(from.Taps[step + 2]);
                walk = c.Step(from.Taps[step + 3]);
                FourInts ka = weights[w], kb = weights[w + stride];
                FourInts kc = weights[w + (2 * stride)], kd = weights[w + (3 * stride)];
                int xa = Operand(from, a, sizes, modes), xb = Operand(from, b, sizes, modes);
                int xc = Operand(from, c, sizes, modes), xd = Operand(from, walk, sizes, modes);
                sums = Step(Step(sums, xa, ka, modes), xb, kb, modes);
                sums = Step(Step(sums, xc, kc, modes), xd, kd, modes);
                w += 4 * stride;
            }

            for (; step < end; step++)
            {
                walk = walk.Step(from.Taps[step]);
                sums = Step(sums, Operand(from, walk, sizes, modes), weights[w], modes);
                w += stride;
            }

            if (modes.Mac.OneLane == 0) sums = sums.Accumulate(modes);
        }

        return sums;
    }

    private static FourNarrowSums Step(
        FourNarrowSums sums, int x, FourInts weights, NarrowModes modes)
    {
        FourNarrowSums summed = sums.Multiply(x, weights);
        return modes.Mac.OneLane == 1 ? summed.Accumulate(modes) : summed;
    }

    private static int Operand(
        MacOperands from, WindowWalk walk, MacSizes sizes, NarrowModes modes)
    {
        if (modes.Pads == 0) return from.Input[walk.Index] - sizes.InputOffset;
        int x = from.Input[walk.Inside(from.Input.Length)];
        return (sizes.Window.Holds(walk) ? x : sizes.Padding) - sizes.InputOffset;
    }

    /// <summary>Filters past the last are computed as the last, and not stored.</summary>
    private static int Last(int channel, WindowShape window) =>
        IntrinsicMath.Min(channel, window.ToChannels - 1);
}
