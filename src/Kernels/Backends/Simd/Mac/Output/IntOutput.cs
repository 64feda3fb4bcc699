using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Events;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// <c>((acc * Scale + a) &gt;&gt; Shift) + ZeroPoint</c>, clamped and perhaps wrapped, where every
/// intermediate fits 32 bits.
/// </summary>
/// <remarks>Needs lanes that VectorOutput made.</remarks>
internal sealed unsafe class IntOutput(
    MacShape shape, StepPlace place, OutputScaling scaling, Requantization[] channels,
    TileEvents events) : VectorOutput(shape, place, events)
{
    private readonly OutputConstants<int> _constants = new(scaling.First.Scales, channels);
    private readonly VectorConversion<int> _rounding = new(
        new ConversionSpec(scaling.First.Shift, 1, 0, 0, scaling.First.Mode, OverflowMode.Wrap));
    private readonly Vector<int> _offset = new((int)place.Output.Offset);

    protected override void Run(in OutputLanes lanes)
    {
        // Two vectors of 32 bits make one of 16. Constants are in locals: the loop writes memory,
        // after which fields would be read again.
        int channel = lanes.Channel,
            half = channel + Vector<int>.Count;
        Vector<int> scaleA = _constants.Scale(channel),
            scaleB = _constants.Scale(half);
        Vector<int> zeroA = _constants.ZeroPoint(channel),
            zeroB = _constants.ZeroPoint(half);
        Vector<int> leastA = _constants.Lowest(channel),
            leastB = _constants.Lowest(half);
        Vector<int> mostA = _constants.Highest(channel),
            mostB = _constants.Highest(half);
        Vector<int> addend = _rounding.Addends,
            offset = _offset;
        bool scales = _constants.HasScales,
            looks = _rounding.LooksAtValue,
            wraps = _constants.Wraps;
        int shift = _rounding.Spec.Shift,
            fromStride = lanes.FromStride,
            toStride = lanes.ToStride,
            width = lanes.Width;
        int* end = lanes.End;
        short* to = lanes.To;
        for (int* from = lanes.From; from < end; from += fromStride, to += toStride)
        {
            Vector<int> a = Vector.Load(from), b = Vector.Load(from + Vector<int>.Count);
            if (scales) (a, b) = (a * scaleA, b * scaleB);
            (a, b) = looks
                ? (AnyRounding.Round(a, _rounding), AnyRounding.Round(b, _rounding))
                : ((a + addend) >> shift, (b + addend) >> shift);
            a = Vector.Min(Vector.Max(a + zeroA, leastA), mostA);
            b = Vector.Min(Vector.Max(b + zeroB, leastB), mostB);
            if (wraps) (a, b) = (_constants.Wrap(a), _constants.Wrap(b));
            Store(Vector.Narrow(a - offset, b - offset), to, width);
        }
    }
}
