using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Events;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// <c>round_half_even(float32(acc) * scale) + ZeroPoint</c>, clamped: binary32 instructions round
/// where <see cref="Float32"/> does, for neither leaves the range in which they agree before the
/// clamp decides.
/// </summary>
/// <remarks>Needs lanes that VectorOutput made.</remarks>
internal sealed unsafe class RealOutput(
    MacShape shape, StepPlace place, Requantization[] channels, TileEvents events)
    : VectorOutput(shape, place, events)
{
    /// <summary>
    /// Beyond every output's range, and far enough inside an int's to add a zero point.
    /// </summary>
    private const float Far = 1 << 30;

    private readonly OutputConstants<int> _constants = new([1], channels);
    private readonly AlignedMemory _scales = OutputConstants<int>.Pack(
        [.. channels.Select(c => (long)BitConverter.SingleToInt32Bits(c.RealScale))]);
    private readonly Vector<int> _offset = new((int)place.Output.Offset);

    /// <summary>Products of smaller scales might vanish.</summary>
    private const float LeastScale = 1e-30f;

    /// <summary>True when every channel is of this kind and saturates.</summary>
    public static bool Supports(Requantization[] channels) => channels.All(
        c => c.Kind == RequantizationKind.Real && c.Output == channels[0].Output
            && c.Output.Rounding == RoundingMode.NearestTiesToEven
            && c.Output.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric
            && Math.Abs((long)c.ZeroPoint) < 1 << 29
            && (c.RealScale == 0 || Math.Abs(c.RealScale) >= LeastScale));

    protected override void Run(in OutputLanes lanes)
    {
        int channel = lanes.Channel, half = channel + Vector<int>.Count;
        Vector<float> scaleA = Vector.Load((float*)_scales.Start + channel);
        Vector<float> scaleB = Vector.Load((float*)_scales.Start + half);
        Vector<int> zeroA = _constants.ZeroPoint(channel), zeroB = _constants.ZeroPoint(half);
        Vector<int> leastA = _constants.Lowest(channel), leastB = _constants.Lowest(half);
        Vector<int> mostA = _constants.Highest(channel), mostB = _constants.Highest(half);
        Vector<int> offset = _offset;
        int fromStride = lanes.FromStride, toStride = lanes.ToStride, width = lanes.Width;
        int* end = lanes.End;
        short* to = lanes.To;
        for (int* from = lanes.From; from < end; from += fromStride, to += toStride)
        {
            Vector<int> a = Scale(Vector.Load(from), scaleA);
            Vector<int> b = Scale(Vector.Load(from + Vector<int>.Count), scaleB);
            a = Vector.Min(Vector.Max(a + zeroA, leastA), mostA);
            b = Vector.Min(Vector.Max(b + zeroB, leastB), mostB);
            Store(Vector.Narrow(a - offset, b - offset), to, width);
        }
    }

    private static Vector<int> Scale(Vector<int> accumulators, Vector<float> scale) =>
        Vector.ConvertToInt32(Vector.Round(Product(accumulators, scale), MidpointRounding.ToEven));

    /// <summary>The product, or something whole that is as far beyond every range.</summary>
    public static Vector<float> Product(Vector<int> accumulators, Vector<float> scale) =>
        Vector.Min(
            Vector.Max(
                Vector.ConvertToSingle(accumulators) * scale, new Vector<float>(-Far)),
            new Vector<float>(Far));
}
