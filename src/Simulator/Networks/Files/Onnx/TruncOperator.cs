using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// QONNX's Trunc behind an average pool, as Brevitas writes its TruncAvgPool2d: hardware sums a
/// window and drops bits of the sum, which is the only division.
/// </summary>
internal static class TruncOperator
{
    private const int MostBits = 16;

    /// <summary>
    /// Version 1: x, scale, zero point, width before and after; what comes out has the scale that
    /// went in. Version 2: x, scale, zero point, width before, scale and width after; signed,
    /// narrow.
    /// </summary>
    public static void Trunc(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0))
            throw graph.Fail(node, "drops bits of a constant (supported: of a sum)");
        bool isSecond = OnnxGraph.Has(node, 5);
        float scale = QonnxOperators.Scale(graph, node, 1);
        float output = isSecond ? QonnxOperators.Scale(graph, node, 4) : scale;
        double width = Whole(graph, node, isSecond ? 5 : 4);
        if (QonnxOperators.Number(graph, node, 2) is not 0 and var zero)
            throw graph.Fail(
                node, FormattableString.Invariant($"zero point {zero} (supported: 0)"));
        double dropped = isSecond
            ? Math.Round(Math.Log2(output / (double)scale))
            : Whole(graph, node, 3) - width;
        RoundingMode rounding = QonnxOperators.Rounding(graph, node, "FLOOR");
        (AveragePool2dLayer pool, double gain) = Pool(graph, node);
        bool isSigned = isSecond
            ? node.Integer("signed", 1) == 1
            : IsSigned(graph, pool.Inputs[0]);
        var format = new ValueFormat
        {
            Bits = (int)width,
            Signedness = isSigned ? Signedness.Signed : Signedness.Unsigned,
            NarrowRange = isSigned && node.Integer("narrow", 0) == 1,
        };
        int sums = Sums(
            graph, node, pool, isSecond ? gain : gain * Math.ScaleB(1, -(int)dropped));
        graph.Add(
            node,
            new FakeQuantizeLayer(graph.Name(node), [sums], new(
                TensorScale.Real(output), rounding, RealConversion.Target(format, isSigned))
            {
                Unit = QuantizerUnit.Shift,
            }),
            graph.Value(node, 0).Extents);
    }

    /// <summary>
    /// The pool behind which a node stands, and what its means are multiplied by.
    /// </summary>
    private static (AveragePool2dLayer Pool, double Gain) Pool(OnnxGraph graph, OnnxNode node)
    {
        FloatLayer? layer = Made(graph, graph.Value(node, 0).Tensor);
        double gain = 1;
        if (layer is BatchNormLayer norm && norm.Shift.All(s => s == 0)
            && norm.Scale.Distinct().Count() == 1)
        {
            gain = norm.Scale[0];
            layer = Made(graph, norm.Inputs[0]);
        }

        return layer is AveragePool2dLayer { Geometry.HasPadding: false } pool
            ? (pool, gain)
            : throw graph.Fail(
                node, "does not stand behind an average pool without padding, or its product with "
                    + "one number (supported: that; hardware drops bits of sums)");
    }

    /// <summary>A window's sum as a convolution of each channel with one weight.</summary>
    private static int Sums(
        OnnxGraph graph, OnnxNode node, AveragePool2dLayer pool, double gain)
    {
        int channels = graph.Shape(new(pool.Inputs[0], [])).Channels;
        int taps = pool.Geometry.KernelRows * pool.Geometry.KernelColumns;
        float weight = (float)(gain / taps);
        float[] weights = new float[Sizes.Weights(channels, taps)];
        Array.Fill(weights, weight);
        return graph.Add(node, new Conv2dLayer(
            $"{pool.Name}/sums", pool.Inputs, channels, pool.Geometry with { Groups = channels },
            weights, new float[channels])
        {
            Own = new(
                weights, [.. Enumerable.Repeat(1, weights.Length)],
                [.. Enumerable.Repeat(weight, channels)], 1, false, [.. new long[channels]]),
        });
    }

    /// <summary>Whether a tensor's own quantizer has a sign; true where there is none.</summary>
    private static bool IsSigned(OnnxGraph graph, int tensor)
    {
        while (Made(graph, tensor) is MaxPool2dLayer or RearrangeLayer or FlattenLayer)
            tensor = Made(graph, tensor)!.Inputs[0];
        return Made(graph, tensor) is not FakeQuantizeLayer { Quantizer.Target.IsSigned: false };
    }

    private static FloatLayer? Made(OnnxGraph graph, int tensor) =>
        tensor > 0 ? graph.Layers[tensor - 1] : null;

    private static double Whole(OnnxGraph graph, OnnxNode node, int index)
    {
        double bits = QonnxOperators.Number(graph, node, index);
        return bits == Math.Floor(bits) && bits is >= 1 and <= 32
            && (index == 3 || bits <= MostBits)
                ? bits
                : throw graph.Fail(
                    node, FormattableString.Invariant($"has {bits} bits (supported: 1..")
                        + (index == 3 ? "32)" : $"{MostBits})"));
    }
}
