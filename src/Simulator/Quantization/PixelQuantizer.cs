using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Many pixels at once: lane by lane what <see cref="InputConverter.Quantize(float, int)"/>
/// computes, to which it leaves the ends and whatever overflows.
/// </summary>
internal sealed class PixelQuantizer
{
    private static readonly VectorRounding NearestEven = new(RoundingMode.NearestTiesToEven);

    private readonly InputConverter _scalar;
    private readonly InputStage _stage;
    private readonly VectorRounding _rounding;
    private readonly Vector<double> _step;
    private readonly Vector<float> _float32Step;
    private readonly Vector<long> _zeroPoint;
    private readonly Vector<long> _least;
    private readonly Vector<long> _most;

    public PixelQuantizer(InputConverter scalar, InputStage stage)
    {
        (_scalar, _stage) = (scalar, stage);
        _rounding = new(stage.Rounding);
        (_step, _zeroPoint) = (new(scalar.Steps.Step), new(scalar.Steps.ZeroPoint));
        _float32Step = new((float)scalar.Steps.Step);
        _least = new(Overflow.LowestKept(scalar.Target));

        // Nothing is within reach of float32 numbers, and of a mode that only the scalar form can
        // refuse.
        bool isScalar = stage.Type.IsFloat32 || stage.Rounding == RoundingMode.Stochastic;
        _most = new(isScalar ? long.MinValue : scalar.Target.Max);
    }

    /// <summary>A vector of pixels gives two of raw values.</summary>
    private static int Lanes => Vector<float>.Count;

    /// <summary>Raw values in 64 bits.</summary>
    public void Quantize(ReadOnlySpan<float> pixels, Span<long> raw)
    {
        for (int at = 0, count; at < pixels.Length; at += count)
        {
            count = Math.Min(Plane - (at % Plane), pixels.Length - at);
            int end = at + count, i = at;
            for (; i <= end - Lanes; i += Lanes)
                if (Try(pixels, at, i, out Vector<long> low, out Vector<long> high))
                {
                    low.CopyTo(raw[i..]);
                    high.CopyTo(raw[(i + Vector<long>.Count)..]);
                }
                else
                    for (int j = i; j < i + Lanes; j++) raw[j] = _scalar.Quantize(pixels[j], j);

            for (; i < end; i++) raw[i] = _scalar.Quantize(pixels[i], i);
        }
    }

    /// <summary>Raw values in 16 bits, less an offset.</summary>
    public void Quantize(ReadOnlySpan<float> pixels, Span<short> raw, int offset)
    {
        var offsets = new Vector<long>(offset);
        Span<int> few = stackalloc int[Lanes];
        for (int at = 0, count; at < pixels.Length; at += count)
        {
            count = Math.Min(Plane - (at % Plane), pixels.Length - at);
            int end = at + count, i = at;
            for (; i <= end - Lanes; i += Lanes)
                if (Try(pixels, at, i, out Vector<long> low, out Vector<long> high))
                {
                    Vector.Narrow(low - offsets, high - offsets).CopyTo(few);
                    for (int j = 0; j < Lanes; j++) raw[i + j] = (short)few[j];
                }
                else
                    for (int j = i; j < i + Lanes; j++) raw[j] = One(j, pixels[j]);

            for (; i < end; i++) raw[i] = One(i, pixels[i]);
        }

        short One(int at, float pixel) => (short)(_scalar.Quantize(pixel, at) - offset);
    }

    /// <summary>Pixels in a row that are normalized alike.</summary>
    private int Plane =>
        _stage.Normalization.IsEmpty ? int.MaxValue : _stage.Type.Shape.Positions;

    /// <summary>False where some pixel of the vector overflows, or is far outside of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Try(
        ReadOnlySpan<float> pixels, int plane, int at, out Vector<long> low,
        out Vector<long> high)
    {
        Vector<float> pixel = Vector.LoadUnsafe(ref MemoryMarshal.GetReference(pixels), (nuint)at);
        if (!_stage.Normalization.IsEmpty)
        {
            (float scale, float shift) = _stage.Normalization[
                plane / _stage.Type.Shape.Positions % _stage.Type.Shape.Channels];
            pixel = (pixel * new Vector<float>(scale)) + new Vector<float>(shift);
        }

        if (_stage.HasFloat32Quotient) pixel /= _float32Step;
        Vector.Widen(pixel, out Vector<double> first, out Vector<double> second);
        if (_stage.Levels is not null) Levels(pixel, ref first, ref second);
        if (!_stage.HasFloat32Quotient) (first, second) = (first / _step, second / _step);
        bool isNear = VectorRounding.Takes(first) && VectorRounding.Takes(second);
        low = _rounding.Round(first) + _zeroPoint;
        high = _rounding.Round(second) + _zeroPoint;
        return isNear
            && Vector.LessThanOrEqualAll(_least, Vector.Min(low, high))
            && Vector.LessThanOrEqualAll(Vector.Max(low, high), _most);
    }

    /// <summary>As <see cref="RealConversion.ByteLevel"/>.</summary>
    private static void Levels(
        Vector<float> pixel, ref Vector<double> low, ref Vector<double> high)
    {
        var white = new Vector<double>(255);
        (low, high) = (low * white, high * white);
        Vector<double> wholeLow = Vector.ConvertToDouble(NearestEven.Round(low)),
            wholeHigh = Vector.ConvertToDouble(NearestEven.Round(high));
        Vector<int> isByte = Vector.Equals(
            Vector.Narrow(wholeLow / white, wholeHigh / white), pixel);
        Vector.Widen(isByte, out Vector<long> isLow, out Vector<long> isHigh);
        low = Vector.ConditionalSelect(isLow, wholeLow, low);
        high = Vector.ConditionalSelect(isHigh, wholeHigh, high);
    }
}

/// <summary>
/// <see cref="RealConversion.Round"/> lane by lane. Reals are taken as raw values of two fraction
/// bits, which say all that the table of modes asks: 0, below the half, the half, above it.
/// </summary>
internal readonly struct VectorRounding
{
    private const int Bits = 2;

    /// <summary>2^52 + 2^51: added to it, an integer lies in the low bits of the sum.</summary>
    private const double Shifter = 6755399441055744;

    private readonly Vector<long> _always;
    private readonly Vector<long> _ifNegative;
    private readonly Vector<long> _ifOdd;

    /// <param name="mode">Any but stochastic.</param>
    public VectorRounding(RoundingMode mode)
    {
        RoundingAddend addend = Rounding.Addend(mode, Bits);
        (_always, _ifNegative, _ifOdd) =
            (new(addend.Always), new(addend.IfNegative), new(addend.IfOdd));
    }

    /// <summary>Whether all lanes are near enough; NaN is not.</summary>
    public static bool Takes(Vector<double> values) =>
        Vector.LessThanAll(Vector.Abs(values), new Vector<double>(1L << 50));

    /// <summary>The integers next to some values that the mode picks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<long> Round(Vector<double> values)
    {
        Vector<double> floor = Vector.Floor(values), rest = values - floor;
        Vector<long> isHalf = Vector.GreaterThanOrEqual(rest, new Vector<double>(0.5));
        Vector<long> isSticky = ~(Vector.Equals(rest, Vector<double>.Zero)
            | Vector.Equals(rest, new Vector<double>(0.5)));
        Vector<long> quarters = -((isHalf + isHalf) + isSticky);
        var shifter = new Vector<double>(Shifter);
        Vector<long> whole = Vector.AsVectorInt64(floor + shifter) - Vector.AsVectorInt64(shifter);
        Vector<long> sum = quarters + _always
            + (Vector.LessThan(values, Vector<double>.Zero) & _ifNegative)
            + (Vector.Negate(whole & Vector<long>.One) & _ifOdd);
        return whole + (sum >>> Bits);
    }
}
