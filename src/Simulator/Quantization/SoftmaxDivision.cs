using System.Collections.Immutable;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Softmax with an exponential for every difference, and a division by their sum.
/// </summary>
/// <param name="refuse">Makes the exception from a dotted key and a reason.</param>
/// <param name="stages">The layer's stages.</param>
/// <param name="input">The logits.</param>
/// <param name="output">What comes out, as <see cref="Output"/> has it.</param>
internal sealed class SoftmaxDivision(
    Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor input,
    QuantizedTensor output)
{
    private const int MostInputBits = 16;
    private const int QnnpackBits = 23;

    /// <summary>
    /// The output that these kinds write: where calibration would choose, the whole range of raw
    /// values stands for 0 to 1, as TensorFlow Lite's 1/256 and -128 do.
    /// </summary>
    public static QuantizedTensor Output(LayerDatapath stages, QuantizedTensor calibrated)
    {
        if (stages.Softmax is not { Kind: > SoftmaxKind.Stable } || !stages.Output.IsCalibrated)
            return calibrated;
        TensorType type = calibrated.Type;
        bool isShifted = type.IsSigned && stages.Output.Affine;
        TensorScale scale =
            TensorScale.PowerOfTwo(type.IsSigned && !isShifted ? type.Bits - 1 : type.Bits) with
            {
                ZeroPoint = isShifted ? (int)type.MinRaw : 0,
            };
        return calibrated with
        {
            Type = type with { Scale = scale.Step, ZeroPoint = scale.ZeroPoint },
            Scale = scale,
        };
    }

    public SoftmaxLayer Build(string name, ImmutableArray<int> inputs)
    {
        SoftmaxKind kind = stages.Softmax!.Kind;
        if (input.Type.Bits > MostInputBits)
            throw refuse(
                "softmax.kind",
                $"an exponential for every difference takes at most {MostInputBits} bits, not "
                    + $"{input.Type.Bits} (use stable)");
        // ONNX Runtime divides in float32: of a scale of 1/192 that is 192, and not below.
        double steps = kind == SoftmaxKind.Float32
            ? MathF.Floor(1 / (float)output.Scale.Step)
            : Math.Floor(1 / output.Scale.Step);
        if (kind == SoftmaxKind.Gemmlowp
            && (output.Type.Bits != 8 || output.Scale.Step != 1.0 / 256))
            throw refuse("softmax.kind", "gemmlowp writes 8 bits in steps of 1/256");
        if (steps is < 1 or > int.MaxValue)
            throw refuse("softmax.kind", $"1 is {steps:g4} steps of the output");
        ImmutableArray<int> exponentials = Exponentials(kind);
        if (kind == SoftmaxKind.Float32 && float.IsInfinity(
            BitConverter.Int32BitsToSingle(exponentials[0]) * (float)steps))
            throw refuse(
                "softmax.kind", $"1 is {steps} steps of the output, which float32 cannot multiply "
                    + "with its exponentials (use a larger scale behind the softmax)");
        return new(name, inputs, output.Type, input.Type, kind, exponentials, [])
        {
            Exponential = default,
            Sum = default,
            InverseInput = default,
            Factor = (long)steps,
            Product = output.Target with { Dialect = stages.Dialect },
        };
    }

    private ImmutableArray<int> Exponentials(SoftmaxKind kind)
    {
        int channels = input.Type.Shape.Channels;
        float step = (float)input.Scale.Step;
        IEnumerable<int> differences = Enumerable.Range(0, 1 << input.Type.Bits);
        if (kind == SoftmaxKind.Gemmlowp) return [.. GemmlowpExponential.Table(step, differences)];

        // QNNPACK: as large as sums in 32 bits allow, and 23 bits at most.
        double largest = Math.Min((double)uint.MaxValue / channels, (1 << QnnpackBits) - 1);
        if (kind == SoftmaxKind.Division)
            return
            [
                .. differences.Select(d => (int)Math.Round(
                    largest * Math.Exp(-d * (double)step), MidpointRounding.ToEven)),
            ];

        if (kind == SoftmaxKind.Litert)
            return
            [
                .. differences.Select(d => BitConverter.SingleToInt32Bits(
                    (float)Math.Exp(-step * d))),
            ];

        // ONNX Runtime: raised by as much as the sum of float32 leaves, less 5; its logarithm is
        // one of float32.
        double most = (float)Math.Log(float.MaxValue / channels);
        double raised = Math.Max(0, most - 5) / step;
        return
        [
            .. differences.Select(d => BitConverter.SingleToInt32Bits(
                (float)Math.Exp((-d + raised) * step))),
        ];
    }
}
