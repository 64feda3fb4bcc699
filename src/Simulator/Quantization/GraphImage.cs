using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>How images get into a network that was quantized before it got here.</summary>
/// <param name="network">The network.</param>
/// <param name="datapath">The profile.</param>
/// <param name="norm">What is done to pixels first; null for nothing.</param>
internal sealed class GraphImage(FloatNetwork network, Datapath datapath, BatchNormLayer? norm)
{
    /// <summary>The program's input.</summary>
    /// <param name="ends">The network's quantizers.</param>
    /// <param name="image">The image, or what the normalisation makes of it.</param>
    /// <param name="declared">What a file of ready-made integers says; null of graphs.</param>
    /// <param name="calibration">Where the graph says nothing, a scale is chosen from it.</param>
    /// <exception cref="QuantizationException">The profile's input does not hold it.</exception>
    public (QuantizedTensor Tensor, InputStage Stage) Of(
        GraphEnds ends, int image, DeclaredFormat? declared, CalibrationSet? calibration)
    {
        if (ends.FirstQuantizer(image) is not { } quantizer)
            return ends.MeetsNumbers(image) ? Numbers() : Calibrated(ends, image, calibration);
        if (declared is not null)
        {
            QuantizedTensor stated = AreSigns(image + 1, quantizer)
                ? GraphTensors.Negative(network.Input, quantizer.Scale.Step)
                : new DeclaredTensors(datapath.Name).Image(
                network.Input, quantizer, declared.At, datapath.Input);
            return (stated, DeclaredTensors.Stage(stated, declared, quantizer, norm));
        }

        QuantizedTensor tensor = quantizer.Unit == QuantizerUnit.Sign
            ? GraphTensors.Negative(network.Input, 2 * quantizer.Scale.Step)
            : GraphTensors.Of(network.Input, quantizer);
        return (tensor, new(tensor.Type, tensor.Format.Rounding, OverflowMode.Saturate)
        {
            HasFloat32Quotient = quantizer.Unit == QuantizerUnit.Requantization,
            Normalization = norm is null ? [] : [.. norm.Scale.Zip(norm.Shift)],
        });
    }

    /// <summary>The image as float32 numbers, of which a layer that is not quantized sums.
    /// </summary>
    private (QuantizedTensor Tensor, InputStage Stage) Numbers() => (
        FloatUnits.Numbers(network.Input),
        new(
            TensorType.Float32(network.Input), RoundingMode.NearestTiesToEven,
            OverflowMode.Saturate)
        {
            Normalization = norm is null ? [] : [.. norm.Scale.Zip(norm.Shift)],
        });

    /// <summary>
    /// Whether a file's input is one bit with a sign, of which signs alone are taken: a comparison
    /// of pixels with 0, which no profile states.
    /// </summary>
    private bool AreSigns(int tensor, FakeQuantizer quantizer) =>
        quantizer.Target is { Bits: 1, IsSigned: true }
        && network.Layers.All(l => !l.Inputs.Contains(tensor)
            || l is FakeQuantizeLayer { Quantizer.Unit: QuantizerUnit.Sign });

    /// <summary>
    /// By the profile's input, as real numbers, where the graph quantizes weights and activations
    /// alone, as those of QKeras do.
    /// </summary>
    private (QuantizedTensor Tensor, InputStage Stage) Calibrated(
        GraphEnds ends, int image, CalibrationSet? calibration)
    {
        if (calibration is null || !ends.MeetsSums(image, orNothing: true))
            throw new QuantizationException(
                $"network '{network.Name}' is quantized, but not its input: nothing quantizes the "
                    + "image before a layer reads it that is not a convolution or dense layer");
        var plan = InputPlan.Make(
            network, datapath.Input with { Pixels = PixelEncoding.Real }, calibration);
        return plan.Absorbed == norm
            ? (plan.Tensor, plan.Stage)
            : throw new QuantizationException(
                $"{datapath.Name}: input: it has no negative values, and network "
                    + $"'{network.Name}' makes some of the image, which nothing quantizes");
    }
}
