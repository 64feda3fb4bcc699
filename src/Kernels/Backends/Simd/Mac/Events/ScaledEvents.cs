using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Events;

/// <summary>
/// What requantization by shifts and multipliers meets: bits that a rounding drops, and activated
/// values outside the output's range. In lanes that hold every intermediate.
/// </summary>
/// <remarks>
/// Needs constants for every channel and a vector beyond, which OutputConstants.Pack gives.
/// </remarks>
internal sealed unsafe class ScaledEvents<T> : EventSource
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly int _groupChannels;
    private readonly RoundedScale<T> _first;
    private readonly RoundedScale<T>? _second;
    private readonly AlignedMemory _zeroPoints;
    private readonly AlignedMemory _least;
    private readonly AlignedMemory _most;
    private readonly Vector<T> _lowest;
    private readonly Vector<T> _highest;

    public ScaledEvents(int groupChannels, OutputScaling scaling, Requantization[] channels)
        : base(EventStage.Output)
    {
        _groupChannels = groupChannels;
        _first = new(scaling.First);
        _second = scaling.Second is { } second ? new(second) : null;
        _zeroPoints = OutputConstants<T>.Pack([.. channels.Select(c => (long)c.ZeroPoint)]);
        _least = OutputConstants<T>.Pack([.. channels.Select(c => Lane(c.ClampMin))]);
        _most = OutputConstants<T>.Pack([.. channels.Select(c => Lane(c.ClampMax))]);
        ConversionSpec output = channels[0].Output;
        _lowest = new(T.CreateTruncating(Overflow.LowestKept(output)));
        _highest = new(T.CreateTruncating(output.Max));
    }

    public override (Vector<int> Overflowed, Vector<int> Inexact) Count(
        in OutputTile<int> tile, int lane)
    {
        int channel = (tile.Group * _groupChannels) + lane;
        int* from = tile.Accumulators + lane;
        Vector<int> over = default, lost = default;
        for (int column = 0; column < tile.Columns; column++, from += tile.Stride)
        {
            (Vector<int> o, Vector<int> l) = Events(Vector.Load(from), channel);
            over -= o;
            lost -= l;
        }

        return (over, lost);
    }

    public override Vector<int> Overflowed(in OutputTile<int> tile, int column, int lane) =>
        Events(
            Vector.Load(tile.Accumulators + (column * tile.Stride) + lane),
            (tile.Group * _groupChannels) + lane).Overflowed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector<int> Overflowed, Vector<int> Inexact) Events(
        Vector<int> accumulators, int channel)
    {
        if (typeof(T) == typeof(int))
        {
            (Vector<T> over, Vector<T> lost) = InLanes(accumulators.As<int, T>(), channel);
            return (over.As<T, int>(), lost.As<T, int>());
        }

        Vector.Widen(accumulators, out Vector<long> low, out Vector<long> high);
        (Vector<T> overLow, Vector<T> lostLow) = InLanes(low.As<long, T>(), channel);
        (Vector<T> overHigh, Vector<T> lostHigh) = InLanes(
            high.As<long, T>(), channel + Vector<T>.Count);
        return (
            Vector.Narrow(overLow.As<T, long>(), overHigh.As<T, long>()),
            Vector.Narrow(lostLow.As<T, long>(), lostHigh.As<T, long>()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector<T> Overflowed, Vector<T> Inexact) InLanes(Vector<T> value, int channel)
    {
        Vector<T> dropped = _first.Dropped(value, channel);
        value = _first.Apply(value, channel);
        if (_second is not null)
        {
            dropped |= _second.Dropped(value, channel);
            value = _second.Apply(value, channel);
        }

        value += Vector.Load((T*)_zeroPoints.Start + channel);
        value = Vector.Max(value, Vector.Load((T*)_least.Start + channel));
        value = Vector.Min(value, Vector.Load((T*)_most.Start + channel));
        return (
            Vector.LessThan(value, _lowest) | Vector.GreaterThan(value, _highest),
            ~Vector.Equals(dropped, Vector<T>.Zero));
    }

    private static long Lane(long bound) =>
        Math.Clamp(bound, long.CreateTruncating(T.MinValue), long.CreateTruncating(T.MaxValue));
}
