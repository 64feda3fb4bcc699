using System.Collections.Immutable;
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
        });

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
