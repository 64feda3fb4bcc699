using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>A convolution or dense layer of integers with a scale of each image.</summary>
/// <param name="graph">Where its nodes go.</param>
/// <param name="mac">Sums.</param>
/// <param name="rescale">Their scales and biases.</param>
internal sealed class DynamicMac(QdqGraph graph, MacLayer mac, DynamicRescaleLayer rescale)
{
    private const int White = byte.MaxValue, Middle = 128;

    /// <summary>Adds the nodes; what the last of them writes.</summary>
    public string Add(DynamicIntegers x, bool isDense)
    {
        string name = mac.Name;
        int channels = mac.Output.Shape.Channels;
        WindowGeometry w = mac.Geometry;
        long depth = mac.Input.Shape.Channels / w.Groups;
        long[] per = isDense ? [channels] : [1, channels, 1, 1];
        (long[] raw, long[] zeros) = Unsigned(channels);
        string zero = graph.Raw(
            $"{name}/weight/zero_point", zeros, 8, false, zeros.Length == 1 ? [] : [channels]);
        string weights = graph.Raw(
            $"{name}/weight", isDense ? Transposed(raw, channels) : raw, 8, false,
            isDense ? [depth, channels] : [channels, depth, w.KernelRows, w.KernelColumns]);
        string[] inputs = [x.Raw, weights, x.ZeroPoint, zero];
        string sums = isDense
            ? graph.Node("MatMulInteger", $"{name}/sums", inputs)
            : graph.Node("ConvInteger", $"{name}/sums", inputs, QdqMac.Window(w, isPool: false));
        string real = graph.Node(
            "Cast", $"{name}/real", [sums], QdqGraph.I("to", (long)DataType.Float));
        float[] steps = [.. rescale.WeightSteps.Select(s => OrderedFloat.Value(s))];
        string scale = graph.Node(
            "Mul", $"{name}/scale",
            [
                x.Scale,
                steps.Distinct().Count() == 1
                    ? graph.Reals($"{name}/weight/scale", [steps[0]])
                    : graph.Reals($"{name}/weight/scale", steps, per),
            ]);
        string product = graph.Node("Mul", $"{name}/product", [real, scale]);
        return graph.Node(
            "Add", rescale.Name,
            [
                product,
                graph.Reals(
                    $"{name}/bias", [.. rescale.Bias.Select(b => OrderedFloat.Value(b))], per),
            ]);
    }

    /// <summary>
    /// Weights of 0..255 and their zero points: unsigned, for ONNX Runtime's ConvInteger takes no
    /// others, and without VNNI it saturates sums of two products with signed ones.
    /// </summary>
    private (long[] Raw, long[] Zeros) Unsigned(int channels)
    {
        int depth = mac.Weights.Length / channels;
        long[] weights = [.. mac.Weights.Select(v => (long)v)];
        if (Zero(weights) is { } one) return ([.. weights.Select(v => v + one)], [one]);
        long?[] zeros = [.. weights.Chunk(depth).Select(Zero)];
        if (zeros.Contains(null))
            throw new NotSupportedException(
                $"layer '{mac.Name}': its weights have over 8 bits, and ConvInteger and "
                    + "MatMulInteger take 8");
        return (
            [.. weights.Select((v, i) => v + zeros[i / depth]!.Value)],
            [.. zeros.Select(z => z!.Value)]);
    }

    /// <summary>A zero point with which all weights are of 0..255; null for none.</summary>
    private static long? Zero(long[] weights)
    {
        long low = Math.Min(0, weights.Min()), high = Math.Max(0, weights.Max());
        return high - low > White ? null
            : low >= -Middle && high < Middle ? Middle
            : -low;
    }

    private static long[] Transposed(long[] weights, int channels)
    {
        int depth = weights.Length / channels;
        return [.. Enumerable.Range(0, weights.Length).Select(i =>
            weights[(i % channels * depth) + (i / channels)])];
    }
}
