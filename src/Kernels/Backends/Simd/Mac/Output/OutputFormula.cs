using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Stepwise;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Output;

/// <summary>
/// A layer's requantization over lanes, one rounding or two. Channels that shift by different
/// amounts are first scaled by powers of two so that one shift serves all: rounding looks at sign,
/// parity and remainder, which scaling keeps.
/// </summary>
internal sealed class OutputFormula<T>(
    OutputScaling scaling, Requantization[] channels, long storedOffset)
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly RoundedScale<T> _first = new(scaling.First);
    private readonly RoundedScale<T>? _second = scaling.Second is { } second ? new(second) : null;
    private readonly OutputConstants<T> _constants = new([1], channels);
    private readonly Vector<T> _offset = new(T.CreateTruncating(storedOffset));

    /// <summary>Stored output values of the channels from <paramref name="channel"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<T> Apply(Vector<T> accumulators, int channel)
    {
        Vector<T> value = _first.Apply(accumulators, channel);
        if (_second is not null) value = _second.Apply(value, channel);
        value += _constants.ZeroPoint(channel);
        value = Vector.Min(
            Vector.Max(value, _constants.Lowest(channel)), _constants.Highest(channel));
        if (_constants.Wraps)
            value = _constants.Wrap(value);
        return value - _offset;
    }
}

/// <summary>
/// <c>(value * Scale + a) &gt;&gt; Shift</c> over lanes, a as in <see cref="VectorConversion{T}"/>.
/// </summary>
/// <remarks>
/// Needs channels that the layer has: OutputConstants.Pack leaves room for a vector from each
/// on.
/// </remarks>
internal sealed unsafe class RoundedScale<T>(ScaledRounding rounding)
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly VectorConversion<T> _conversion =
        new(new ConversionSpec(rounding.Shift, 1, 0, 0, rounding.Mode, OverflowMode.Wrap));
    private readonly AlignedMemory _scales = OutputConstants<T>.Pack(rounding.Scales);
    private readonly bool _scalesByOne = rounding.Scales.All(s => s == 1);
    private readonly int _shift = rounding.Shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<T> Apply(Vector<T> value, int channel)
    {
        if (!_scalesByOne) value *= Vector.Load((T*)_scales.Start + channel);
        if (_shift == 0) return value;
        Vector<T> addend = _conversion.Addends;
        if (_conversion.LooksAtSign)
            addend += Vector.LessThan(value, Vector<T>.Zero) & _conversion.IfNegative;
        if (_conversion.LooksAtParity)
            addend += Vector.Negate((value >> _shift) & Vector<T>.One) & _conversion.IfOdd;
        return (value + addend) >> _shift;
    }

    /// <summary>The bits that <see cref="Apply"/> drops.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<T> Dropped(Vector<T> value, int channel)
    {
        if (!_scalesByOne) value *= Vector.Load((T*)_scales.Start + channel);
        return value & _conversion.Dropped;
    }
}
