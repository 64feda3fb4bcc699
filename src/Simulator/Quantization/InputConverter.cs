using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Images to a program's raw input and back: effectively <c>raw = Fit(Round(pixel / Step) +
/// Black)</c>.
/// </summary>
public sealed class InputConverter
{
    private const float White = 255;

    private readonly InputStage _stage;
    private readonly ConversionSpec _target;
    private readonly TensorScale _scale;
    private readonly TensorScale _steps;
    private readonly TensorScale _whole;
    private readonly PixelQuantizer _fast;

    /// <summary>
    /// What raw values count: levels of a byte where these go in, else the scale.
    /// </summary>
    public TensorScale Steps => _stage.Levels is null ? _scale : _steps;

    /// <summary>Range and overflow mode of the raw input.</summary>
    public ConversionSpec Target => _target;

    /// <summary>For the input of a program.</summary>
    public InputConverter(InputStage stage)
    {
        _stage = stage;
        TensorType type = stage.Type;
        _target = ConversionSpec.Into(
            new FixedFormat(type.Bits, 0, type.IsSigned), 0, stage.Rounding, stage.Overflow,
            stage.SaturationBits);
        _scale = new(type.Scale, null, type.ZeroPoint);
        _steps = new(stage.Levels ?? 1, null, stage.Black);
        _whole = new(1, null, type.ZeroPoint);
        _fast = new(this, stage);
    }

    /// <summary>Raw input, image by image.</summary>
    /// <param name="pixels">Images one after another, values in [0, 1].</param>
    public long[] Quantize(ReadOnlySpan<float> pixels)
    {
        long[] raw = new long[pixels.Length];
        _fast.Quantize(pixels, raw);
        return raw;
    }

    /// <summary>Raw input into 64 bits a value.</summary>
    /// <param name="pixels">Images one after another, values in [0, 1].</param>
    /// <param name="raw">Filled; as long.</param>
    internal void Quantize(ReadOnlySpan<float> pixels, Span<long> raw) =>
        _fast.Quantize(pixels, raw);

    /// <summary>Raw input into memory of the caller's.</summary>
    /// <param name="pixels">Images one after another, values in [0, 1].</param>
    /// <param name="raw">Filled; holds as many values.</param>
    public void Quantize(ReadOnlySpan<float> pixels, RawValues raw)
    {
        if (raw.IsNarrow) _fast.Quantize(pixels, raw.Narrow, raw.Offset);
        else _fast.Quantize(pixels, raw.Wide);
    }

    /// <summary>The raw value of one pixel.</summary>
    /// <param name="pixel">In [0, 1].</param>
    /// <param name="at">Its index in the image.</param>
    public long Quantize(float pixel, int at)
    {
        if (_stage.Levels is not null) return OfByte(pixel);
        if (_stage.Normalization.IsEmpty) return OfReal(pixel);
        (float scale, float shift) = _stage.Normalization[Channel(at)];
        return OfReal((scale * pixel) + shift);
    }

    /// <summary>
    /// The pixel in the middle of those that a raw value stands for, which may lie outside [0, 1].
    /// </summary>
    /// <param name="raw">The raw value.</param>
    /// <param name="at">Index of its pixel in the image.</param>
    public double Pixel(long raw, int at)
    {
        if (_stage.Levels is { } levels) return (raw - _stage.Black) * levels / White;
        double real = _stage.Type.IsFloat32
            ? OrderedFloat.Value(raw)
            : RealConversion.Dequantize(raw, _scale);
        if (_stage.Normalization.IsEmpty) return real;
        (float scale, float shift) = _stage.Normalization[Channel(at)];
        return (real - shift) / scale;
    }

    private int Channel(int at) => at / _stage.Type.Shape.Positions % _stage.Type.Shape.Channels;

    private long OfReal(float real) =>
        _stage.Type.IsFloat32 ? OrderedFloat.Of(real)
        : _stage.HasFloat32Quotient
            ? RealConversion.Quantize(
                real / (float)_scale.Step, _whole, _stage.Rounding, _target)
        : RealConversion.Quantize(real, _scale, _stage.Rounding, _target);

    private long OfByte(float pixel) =>
        RealConversion.Quantize(
            RealConversion.ByteLevel(pixel), _steps, _stage.Rounding, _target);
}
