using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Quantization;

/// <summary>What a dynamically quantized network computes in float32 between its layers.</summary>
internal sealed partial class DynamicGraph
{
    /// <summary>
    /// What computes in float32, where ONNX Runtime's own operations and their order are known;
    /// else null.
    /// </summary>
    private ProgramLayer? Float(
        FloatLayer layer, ImmutableArray<int> inputs, TensorType numbers) => layer switch
        {
            AveragePool2dLayer { Order: { } order } pool => new FloatAverageLayer(
                layer.Name, inputs, numbers, _network.Shape(layer.Inputs[0]), pool.Geometry,
                order),
            Networks.MultiplyLayer => new FloatMultiplyLayer(layer.Name, inputs, numbers),
            Networks.SoftmaxLayer => new FloatSoftmaxLayer(layer.Name, inputs, numbers),
            SigmoidLayer => new FloatPointLayer(
                layer.Name, inputs, numbers, FloatFunction.Sigmoid),
            TanhLayer => new FloatPointLayer(layer.Name, inputs, numbers, FloatFunction.Tanh),
            PointLayer { Function: PointFunction.HardSigmoid } point => new FloatPointLayer(
                layer.Name, inputs, numbers, FloatFunction.HardSigmoid, Number(point.A),
                Number(point.B)),
            PointLayer { Function: PointFunction.LeakyRelu } point => new FloatPointLayer(
                layer.Name, inputs, numbers, FloatFunction.LeakyRelu, Number(point.A)),
            PointLayer { Function: PointFunction.Elu } point => new FloatPointLayer(
                layer.Name, inputs, numbers, FloatFunction.Elu, Number(point.A)),
            PointLayer { Function: PointFunction.Erf } => new FloatPointLayer(
                layer.Name, inputs, numbers, FloatFunction.Erf),
            PointLayer { Function: PointFunction.Gelu } => new FloatPointLayer(
                layer.Name, inputs, numbers, FloatFunction.Gelu),
            PointLayer { Function: PointFunction.GeluTanh } => new FloatPointLayer(
                layer.Name, inputs, numbers, FloatFunction.GeluTanh),
            PointLayer { Function: PointFunction.HardSwish } => Gated(inputs[0], new(
                $"{layer.Name}/gate", inputs, numbers, FloatFunction.HardSigmoid, Number(1 / 6f),
                Number(0.5))),
            PointLayer { Function: PointFunction.Silu } silu => Gated(inputs[0], new(
                $"{layer.Name}/gate", Scaled(silu, inputs, numbers), numbers,
                FloatFunction.Sigmoid)),
            _ => null,
        };

    /// <summary>
    /// Adds the sums of a product of two matrices. The products themselves are no layer: summed at
    /// once, they are never rounded.
    /// </summary>
    private bool IsOfMatrices(int index, FloatLayer layer)
    {
        if (layer is not Conv2dLayer { Products: { } sum })
            return layer is Networks.MultiplyLayer && _network.Layers.Any(l =>
                l is Conv2dLayer { Products: not null } && l.Inputs[0] == index + 1);
        FloatLayer product = _network.Layers[layer.Inputs[0] - 1];
        Emit(index, new FloatProductSumLayer(
            layer.Name, [.. product.Inputs.Select(t => _tensorOf[t])],
            TensorType.Float32(_network.Shape(index + 1)), sum));
        return true;
    }

    private static FloatConstants? ConstantsOf(FloatLayer layer) => layer switch
    {
        Conv2dLayer conv => conv.Float32,
        BatchNormLayer norm => norm.Float32,
        _ => null,
    };

    /// <summary>Numbers times a function of them.</summary>
    private FloatMultiplyLayer Gated(int numbers, FloatPointLayer gate) => new(
        gate.Name[..gate.Name.LastIndexOf('/')], [numbers, Emit(-1, gate)], gate.Output);

    /// <summary>A times x, of which Silu's sigmoid is.</summary>
    private ImmutableArray<int> Scaled(
        PointLayer silu, ImmutableArray<int> inputs, TensorType numbers)
    {
        if (silu.A == 1) return inputs;
        int channels = numbers.Shape.Channels;
        return
        [
            Emit(-1, new FloatAffineLayer(
                $"{silu.Name}/scaled", inputs, numbers, FloatScaling.Product,
                [.. Enumerable.Repeat(Number(silu.A), channels)], [.. new int[channels]])),
        ];
    }

    private static string Unknown(FloatLayer layer) => layer is AveragePool2dLayer
        ? "ONNX Runtime's order of summing here depends on where numbers lie in memory"
        : "it computes in float32";

    private static int Number(double value) => OrderedFloat.Of((float)value);
}
