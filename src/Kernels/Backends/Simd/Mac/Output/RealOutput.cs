using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Events;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// <c>round(float32(acc) * scale) + ZeroPoint</c>, or what another rule says, clamped: binary32
/// instructions round where <see cref="Float32"/> does, for neither leaves the range in which they
/// agree before the clamp decides.
/// </summary>
/// <remarks>Needs lanes that VectorOutput made.</remarks>
internal sealed unsafe class RealOutput<TRule>(
    MacShape shape, StepPlace place, Requantization[] channels, TileEvents events)
    : VectorOutput(shape, place, events)
    where TRule : struct, IRealRule
{
    private readonly OutputConstants<int> _constants = new([1], channels);
    private readonly AlignedMemory _scales = OutputConstants<int>.Pack(
        [.. channels.Select(c => (long)BitConverter.SingleToInt32Bits(c.RealScale))]);
    private readonly AlignedMemory _biases = OutputConstants<int>.Pack(
        [.. channels.Select(c => (long)BitConverter.SingleToInt32Bits(c.RealBias))]);
    private readonly Vector<int> _offset = new((int)place.Output.Offset);

    protected override void Run(in OutputLanes lanes)
    {
        int channel = lanes.Channel, half = channel + Vector<int>.Count;
        Vector<float> scaleA = Vector.Load((float*)_scales.Start + channel);
        Vector<float> scaleB = Vector.Load((float*)_scales.Start + half);
        Vector<float> biasA = Vector.Load((float*)_biases.Start + channel);
        Vector<float> biasB = Vector.Load((float*)_biases.Start + half);
        Vector<int> zeroA = _constants.ZeroPoint(channel), zeroB = _constants.ZeroPoint(half);
        Vector<int> leastA = _constants.Lowest(channel), leastB = _constants.Lowest(half);
        Vector<int> mostA = _constants.Highest(channel), mostB = _constants.Highest(half);
        Vector<int> offset = _offset;
        int fromStride = lanes.FromStride, toStride = lanes.ToStride, width = lanes.Width;
        int* end = lanes.End;
        short* to = lanes.To;
        for (int* from = lanes.From; from < end; from += fromStride, to += toStride)
        {
            Vector<int> a = Scale(Vector.Load(from), scaleA, biasA, zeroA);
            Vector<int> b = Scale(Vector.Load(from + Vector<int>.Count), scaleB, biasB, zeroB);
            a = Vector.Min(Vector.Max(a, leastA), mostA);
            b = Vector.Min(Vector.Max(b, leastB), mostB);
            Store(Vector.Narrow(a - offset, b - offset), to, width);
        }
    }

    private static Vector<int> Scale(
        Vector<int> accumulators, Vector<float> scale, Vector<float> bias, Vector<int> zero) =>
        RealRules.Output<TRule>(
            RealRules.Whole<TRule>(RealRules.Number<TRule>(accumulators, scale, bias, zero)),
            zero);
}
