using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// How images get into a network on a datapath, and the network as it is once its first weights
/// take up what a byte means.
/// </summary>
/// <remarks>
/// A network is trained on <c>byte / 255</c>. Hardware with a power-of-two input reads the byte as
/// <c>byte / 256</c>; the weights that meet it grow by 256/255 before they are quantized, which is
/// exactly the same function. A real scale of 1/255 needs nothing.
/// </remarks>
internal sealed record InputPlan
{
    private const double White = 255;

    /// <summary>The float network on which layers are built, index by index the original.</summary>
    public required FloatNetwork Network { get; init; }

    /// <summary>The program's input.</summary>
    public required QuantizedTensor Tensor { get; init; }

    /// <summary>How raw values come about.</summary>
    public required InputStage Stage { get; init; }

    /// <summary>
    /// The batch norm that the host or the first weights take over: it leaves no layer.
    /// </summary>
    public BatchNormLayer? Absorbed { get; init; }

    /// <summary>
    /// What the original network makes of the input: the pixels, or what the host's normalisation
    /// makes of them. Index of a float tensor.
    /// </summary>
    public int Source => Stage.Normalization.IsEmpty ? 0 : 1;

    /// <summary>What one step of the raw input is in the original network's terms.</summary>
    public double TrueStep => Stage.Levels is { } levels ? levels / White : Tensor.Scale.Step;

    /// <summary>Decides.</summary>
    /// <param name="network">The network, a normalisation of the image as its first layer.</param>
    /// <param name="format">The profile's input.</param>
    /// <param name="calibration">What it is chosen from where pixels are real numbers.</param>
    public static InputPlan Make(
        FloatNetwork network, ValueFormat format, CalibrationSet calibration)
    {
        BatchNormLayer? norm = BatchNormFolding.Preprocessing(network);
        if (format.Pixels == PixelEncoding.Bytes)
        {
            bool isHosts = norm is not null
                && (format.Affine || format.Signedness == Signedness.Signed);
            if (!isHosts && Bytes(network, format, norm) is { } bytes) return bytes;
        }

        TensorScale Of(int tensor, bool isSigned) =>
            ScaleCalibrator.Choose(format, isSigned, calibration, tensor);
        if (norm is null) return Real(network, format, true, s => Of(0, s));
        bool isNonNegative = Corners(norm).All(v => v >= 0);
        if (format.Signedness == Signedness.Unsigned && !format.Affine && !isNonNegative)
        {
            // The format has no negative values: hardware normalises, in a layer of its own.
            ImmutableArray<FloatLayer> layers =
                network.Layers.SetItem(0, BatchNormFolding.AsConvolution(norm));
            FloatNetwork own = new(network.Name, network.Input, layers);
            return format.Pixels == PixelEncoding.Bytes && Bytes(own, format, null) is { } bytes
                ? bytes
                : Real(own, format, true, s => Of(0, s));
        }

        InputPlan plan = Real(
            network, format, isNonNegative,
            s => format.Pixels == PixelEncoding.Bytes
                ? ScaleCalibrator.Choose(format, s, Corners(norm))
                : Of(1, s));
        return plan with
        {
            Absorbed = norm,
            Stage = plan.Stage with { Normalization = [.. norm.Scale.Zip(norm.Shift)] },
        };
    }

    /// <summary>
    /// A network with the first weights as hardware has them, for training; the gain by which those
    /// of a layer differ, 1 where they do not, is near exact where channels have scales of their
    /// own.
    /// </summary>
    public static (FloatNetwork Network, double Gain) FirstWeights(
        FloatNetwork network, ValueFormat format)
    {
        BatchNormLayer? norm = BatchNormFolding.Preprocessing(network);
        bool isBytes = format.Pixels == PixelEncoding.Bytes
            && (norm is null || !(format.Affine || format.Signedness == Signedness.Signed));
        double gain = format is { IsCalibrated: true, Scale: ScaleKind.Real } ? 1 : 256 / White;
        return isBytes && InputFolding.Fold(network, gain, norm, 0) is { } folded
            ? (folded, gain * (norm?.Scale.Average() ?? 1))
            : (network, 1);
    }

    private static InputPlan Real(
        FloatNetwork network, ValueFormat format, bool isNonNegative,
        Func<bool, TensorScale> choose)
    {
        var tensor = QuantizedTensor.Calibrate(network.Input, format, isNonNegative, choose);
        return new() { Network = network, Tensor = tensor, Stage = Into(tensor) };
    }

    /// <summary>
    /// Bytes; null where something other than weights meets them, which could not take up what they
    /// mean.
    /// </summary>
    private static InputPlan? Bytes(FloatNetwork network, ValueFormat format, BatchNormLayer? norm)
    {
        bool isSigned = format.Signedness == Signedness.Signed;
        ConversionSpec target = RealConversion.Target(format, isSigned);
        bool isReal = format is { IsCalibrated: true, Scale: ScaleKind.Real };
        int magnitude = isSigned ? format.Bits - 1 : format.Bits;
        double levels = !isReal ? Math.ScaleB(1, 8 - magnitude)
            : White / Math.Max(format.Affine ? target.Max - target.Min : target.Max, 1);
        int black = format.Affine ? (int)target.Min : 0;
        int zero = norm is null ? black : InputFolding.ZeroPoint(network, norm, levels, target.Max);
        TensorScale scale = isReal
            ? TensorScale.Real(levels / White, zero)
            : TensorScale.PowerOfTwo(magnitude) with { ZeroPoint = zero };

        // float32 scales are 1/255 as near as every framework has it.
        double gain = isReal ? 1 : 256 / White;
        FloatNetwork? folded = InputFolding.Fold(
            network, gain, norm, zero * levels / White);
        if (folded is null) return null;
        var tensor = new QuantizedTensor(
            new(network.Input, format.Bits, isSigned, scale.Step, zero), scale, format);
        return new()
        {
            Network = folded,
            Tensor = tensor,
            Stage = Into(tensor) with { Levels = levels, Black = black },
            Absorbed = norm,
        };
    }

    private static InputStage Into(QuantizedTensor tensor) =>
        new(tensor.Type, tensor.Format.Rounding, tensor.Format.Overflow)
        {
            SaturationBits = tensor.Format.SaturationBits,
        };

    /// <summary>What black and white become in each channel.</summary>
    private static float[] Corners(BatchNormLayer norm) =>
        [.. norm.Scale.Zip(norm.Shift, (scale, shift) => scale + shift), .. norm.Shift];
}
