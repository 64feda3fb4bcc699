using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Events;

/// <summary>
/// What requantization by a binary32 scale meets: products that are not whole, and activated values
/// outside the output's range.
/// </summary>
/// <remarks>
/// Needs constants for every channel and a vector beyond, which OutputConstants.Pack gives.
/// </remarks>
internal sealed unsafe class RealEvents<TRule>(MacShape shape, Requantization[] channels)
    : EventSource(EventStage.Output)
    where TRule : struct, IRealRule
{
    private readonly AlignedMemory _scales = OutputConstants<int>.Pack(
        [.. channels.Select(c => (long)BitConverter.SingleToInt32Bits(c.RealScale))]);
    private readonly AlignedMemory _biases = OutputConstants<int>.Pack(
        [.. channels.Select(c => (long)BitConverter.SingleToInt32Bits(c.RealBias))]);
    private readonly AlignedMemory _zeroPoints = OutputConstants<int>.Pack(
        [.. channels.Select(c => (long)c.ZeroPoint)]);
    private readonly AlignedMemory _least = OutputConstants<int>.Pack(
        [.. channels.Select(c => Math.Clamp(c.ClampMin, int.MinValue, int.MaxValue))]);
    private readonly AlignedMemory _most = OutputConstants<int>.Pack(
        [.. channels.Select(c => Math.Clamp(c.ClampMax, int.MinValue, int.MaxValue))]);
    private readonly Vector<int> _lowest = new((int)Overflow.LowestKept(channels[0].Output));
    private readonly Vector<int> _highest = new((int)channels[0].Output.Max);

    public override (Vector<int> Overflowed, Vector<int> Inexact) Count(
        in OutputTile<int> tile, int lane)
    {
        Vector<int> over = default, lost = default;
        for (int column = 0; column < tile.Columns; column++)
        {
            (Vector<int> o, Vector<int> l) = Events(tile, column, lane);
            over -= o;
            lost -= l;
        }

        return (over, lost);
    }

    public override Vector<int> Overflowed(in OutputTile<int> tile, int column, int lane) =>
        Events(tile, column, lane).Overflowed;

    private (Vector<int> Overflowed, Vector<int> Inexact) Events(
        in OutputTile<int> tile, int column, int lane)
    {
        int channel = (tile.Group * shape.GroupChannels) + lane;
        Vector<int> zero = Vector.Load((int*)_zeroPoints.Start + channel);
        Vector<float> number = RealRules.Number<TRule>(
            Vector.Load(tile.Accumulators + (column * tile.Stride) + lane),
            Vector.Load((float*)_scales.Start + channel),
            Vector.Load((float*)_biases.Start + channel), zero);
        Vector<float> whole = RealRules.Whole<TRule>(number);
        Vector<int> value = RealRules.Output<TRule>(whole, zero);
        value = Vector.Max(value, Vector.Load((int*)_least.Start + channel));
        value = Vector.Min(value, Vector.Load((int*)_most.Start + channel));
        return (
            Vector.LessThan(value, _lowest) | Vector.GreaterThan(value, _highest),
            ~Vector.Equals(whole, number));
    }
}
