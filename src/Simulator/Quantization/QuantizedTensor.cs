using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// A program tensor while its program is being built: its type, its scale and the format it came
/// from.
/// </summary>
/// <param name="Type">Type as backends see it.</param>
/// <param name="Scale">Scale with its exponent, where it is a power of two.</param>
/// <param name="Format">What the profile said about it.</param>
internal sealed record QuantizedTensor(TensorType Type, TensorScale Scale, ValueFormat Format)
{
    /// <summary>What makes its raw values; the format's rounding is that of a shift.</summary>
    public QuantizerUnit Unit { get; init; }

    /// <summary>Range and overflow of conversions into the tensor, without a shift.</summary>
    public ConversionSpec Target => RealConversion.Target(Format, Type.IsSigned);

    /// <summary>Chooses scale and sign of a tensor.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="format">Its format.</param>
    /// <param name="isNeverNegative">Whether <see cref="Signedness.Auto"/> means unsigned.</param>
    /// <param name="choose">Its scale, given whether it is signed.</param>
    public static QuantizedTensor Calibrate(
        TensorShape shape, ValueFormat format, bool isNeverNegative,
        Func<bool, TensorScale> choose)
    {
        bool isSigned =
            format.Signedness == Signedness.Auto
                ? !isNeverNegative
                : format.Signedness == Signedness.Signed;
        TensorScale scale = choose(isSigned);
        return new(new(shape, format.Bits, isSigned, scale.Step, scale.ZeroPoint), scale, format);
    }

    /// <summary>The same values under another shape.</summary>
    public QuantizedTensor Reshaped(TensorShape shape) =>
        this with
        {
            Type = Type with { Shape = shape },
        };
}
