using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Tensors of a graph that says itself how it is quantized.</summary>
internal static class GraphTensors
{
    /// <summary>The tensor that a quantizer makes: nearest values, saturated.</summary>
    public static QuantizedTensor Of(TensorShape shape, FakeQuantizer quantizer) => Of(
        shape, Scale(quantizer.Scale.Step) with { ZeroPoint = quantizer.Scale.ZeroPoint },
        new()
        {
            Bits = quantizer.Target.Bits,
            Signedness = quantizer.Target.IsSigned ? Signedness.Signed : Signedness.Unsigned,
            Scale = ScaleKind.Real,
            Affine = true,
            NarrowRange = quantizer.Target.Min == -quantizer.Target.Max,
            Rounding = quantizer.Rounding,
        }) with
    {
        Unit = quantizer.Unit,
    };

    /// <summary>
    /// The image of a network whose first layer takes its signs: -1 below 0, else 0, by rounding
    /// down.
    /// </summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="step">Twice what signs are multiplied by.</param>
    public static QuantizedTensor Negative(TensorShape shape, double step) => Of(
        shape, Scale(step),
        new()
        {
            Bits = 1,
            Signedness = Signedness.Signed,
            Scale = ScaleKind.Real,
            Rounding = RoundingMode.TowardNegative,
        });

    /// <summary>
    /// The exact products of two tensors, which a sum reads; null where they are too wide.
    /// </summary>
    public static QuantizedTensor? Product(
        TensorShape shape, QuantizedTensor a, QuantizedTensor b)
    {
        int bits = a.Type.Bits + b.Type.Bits + 1;
        TensorScale scale = a.Scale.FractionBits + b.Scale.FractionBits is { } fraction
            ? TensorScale.PowerOfTwo(fraction)
            : TensorScale.Real((float)a.Scale.Step * (float)b.Scale.Step);
        return bits > 32 ? null : Of(shape, scale, new()
        {
            Bits = bits,
            Signedness = Signedness.Signed,
            Scale = ScaleKind.Real,
        });
    }

    /// <summary>Whether tensors have one format, so that values may stand side by side.</summary>
    public static bool AreAlike(IReadOnlyList<QuantizedTensor> tensors) => tensors.All(t =>
        t.Unit == tensors[0].Unit
        && t.Type with { Shape = default } == tensors[0].Type with { Shape = default });

    /// <summary>A tensor of a scale and a format.</summary>
    public static QuantizedTensor Of(
        TensorShape shape, TensorScale scale, ValueFormat format) => new(
            new(
                shape, format.Bits, format.Signedness == Signedness.Signed, scale.Step,
                scale.ZeroPoint),
            scale, format);

    /// <summary>A step, and its exponent where it is a power of two.</summary>
    public static TensorScale Scale(double step)
    {
        int exponent = Math.ILogB(step);
        return Math.ScaleB(1, exponent) == step
            ? TensorScale.PowerOfTwo(-exponent)
            : TensorScale.Real(step);
    }

    /// <summary>Layers that move values, or take the largest.</summary>
    public static ProgramLayer? Moving(
        FloatLayer layer, ImmutableArray<int> inputs, QuantizedTensor input, TensorShape shape)
    {
        TensorType output = input.Type with { Shape = shape };
        return layer switch
        {
            MaxPool2dLayer pool => new MaxPoolLayer(
                pool.Name, inputs, output, input.Type, pool.Geometry),
            FlattenLayer => new ReshapeLayer(layer.Name, inputs, output),
            Networks.RearrangeLayer moved => new Kernels.Datapath.RearrangeLayer(
                layer.Name, inputs, output, input.Type, moved.Sources),
            _ => null,
        };
    }
}
