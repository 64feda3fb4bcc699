using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>
/// A layer's requantization as numbers per channel. Channels that shift by different amounts are first
/// scaled by powers of two so that one shift serves all: rounding looks at sign, parity and remainder, which
/// scaling keeps.
/// </summary>
internal sealed unsafe class OutputFormula<T>
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly RoundedScale<T> _first;
    private readonly RoundedScale<T>? _second;
    private readonly AlignedMemory _zeroPoints;
    private readonly AlignedMemory _lowest;
    private readonly AlignedMemory _highest;
    private readonly int _unused;
    private readonly bool _wraps;
    private readonly Vector<T> _offset;

    /// <param name="scaling">The channels' scaling.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="storedOffset">What storing an output subtracts.</param>
    /// <param name="lanes">How often to repeat a single channel, so that it serves a whole vector.</param>
    public OutputFormula(OutputScaling scaling, Requantization[] channels, long storedOffset, int lanes = 1)
    {
        _first = new(scaling.First, lanes);
        _second = scaling.Second is { } second ? new(second, lanes) : null;
        channels = [.. channels, .. Enumerable.Repeat(channels[^1], lanes - 1)];
        ConversionSpec output = channels[0].Output;
        _wraps = output.Overflow == OverflowMode.Wrap;
        _unused = (Unsafe.SizeOf<T>() * 8) - output.Bits;
        long least = _wraps ? LaneMin : Overflow.LowestKept(output);
        long most = _wraps ? LaneMax : output.Max;
        _offset = new(T.CreateTruncating(storedOffset));
        _zeroPoints = PerChannel.Pack<T>(channels.Length, c => channels[c].ZeroPoint);
        _lowest = PerChannel.Pack<T>(channels.Length, c => Math.Clamp(channels[c].ClampMin, least, most));
        _highest = PerChannel.Pack<T>(channels.Length, c => Math.Clamp(channels[c].ClampMax, least, most));
    }

    private static long LaneMin => Unsafe.SizeOf<T>() == sizeof(int) ? int.MinValue : long.MinValue;

    private static long LaneMax => Unsafe.SizeOf<T>() == sizeof(int) ? int.MaxValue : long.MaxValue;

    /// <summary>Stored output values of the channels from <paramref name="channel"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<T> Apply(Vector<T> accumulators, int channel)
    {
        Vector<T> value = _first.Apply(accumulators, channel);
        if (_second is not null) value = _second.Apply(value, channel);
        value += Vector.Load((T*)_zeroPoints.Start + channel);
        value = Vector.Max(value, Vector.Load((T*)_lowest.Start + channel));
        value = Vector.Min(value, Vector.Load((T*)_highest.Start + channel));
        if (_wraps) value = value << _unused >> _unused;
        return value - _offset;
    }
}

/// <summary><c>(value * Scale + a) &gt;&gt; Shift</c> over lanes, a as in <see cref="VectorConversion{T}"/>.</summary>
internal sealed unsafe class RoundedScale<T>(ScaledRounding rounding, int lanes = 1)
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly VectorConversion<T> _conversion =
        new(new ConversionSpec(rounding.Shift, 1, 0, 0, rounding.Mode, OverflowMode.Wrap));
    private readonly AlignedMemory _scales = PerChannel.Pack<T>(
        rounding.Scales.Length + lanes - 1, c => rounding.Scales[Math.Min(c, rounding.Scales.Length - 1)]);
    private readonly bool _scalesByOne = rounding.Scales.All(s => s == 1);
    private readonly int _shift = rounding.Shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<T> Apply(Vector<T> value, int channel)
    {
        if (!_scalesByOne) value *= Vector.Load((T*)_scales.Start + channel);
        if (_shift == 0) return value;
        Vector<T> addend = _conversion.Addends;
        if (_conversion.LooksAtValue)
        {
            addend += Vector.LessThan(value, Vector<T>.Zero) & _conversion.IfNegative;
            addend += Vector.Negate((value >> _shift) & Vector<T>.One) & _conversion.IfOdd;
        }

        return (value + addend) >> _shift;
    }
}

/// <summary>One number per channel, with room for vectors that reach beyond the last.</summary>
internal static unsafe class PerChannel
{
    public static AlignedMemory Pack<T>(int channels, Func<int, long> value)
        where T : unmanaged, IBinaryInteger<T>
    {
        var memory = new AlignedMemory((channels + 64) * sizeof(T));
        for (int channel = 0; channel < channels; channel++)
            ((T*)memory.Start)[channel] = T.CreateTruncating(value(channel));
        return memory;
    }
}
