using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Backends.Simd.Mac.Events;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>Requantization in 64-bit lanes: multipliers, and sums that need room.</summary>
/// <remarks>Needs lanes that VectorOutput made.</remarks>
internal sealed unsafe class LongOutput(
    MacShape shape, StepPlace place, OutputFormula<long> formula, TileEvents events)
    : VectorOutput(shape, place, events)
{
    protected override void Run(in OutputLanes lanes)
    {
        int channel = lanes.Channel, half = channel + Vector<int>.Count;
        short* to = lanes.To;
        for (
            int* from = lanes.From;
            from < lanes.End;
            from += lanes.FromStride, to += lanes.ToStride
        )
        {
            Vector<int> low = Requantize(Vector.Load(from), channel);
            Vector<int> high = lanes.HasHigh
                ? Requantize(Vector.Load(from + Vector<int>.Count), half)
                : default;
            Store(Vector.Narrow(low, high), to, lanes.Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<int> Requantize(Vector<int> accumulators, int channel)
    {
        Vector.Widen(accumulators, out Vector<long> low, out Vector<long> high);
        return Vector.Narrow(
            formula.Apply(low, channel), formula.Apply(high, channel + Vector<long>.Count));
    }
}
