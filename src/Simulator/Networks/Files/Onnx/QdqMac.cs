using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Integers;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>A convolution or dense layer of raw weights and biases as ONNX nodes.</summary>
/// <param name="graph">Where they go.</param>
/// <param name="mac">The layer.</param>
/// <param name="input">What one raw step of the input is in the graph.</param>
internal sealed class QdqMac(QdqGraph graph, MacLayer mac, double input)
{
    /// <summary>Adds the nodes.</summary>
    /// <param name="name">What the last of them is called.</param>
    /// <param name="value">What it reads.</param>
    /// <param name="isDense">Whether it is a product with a matrix.</param>
    /// <exception cref="NotSupportedException">ONNX has no way to say it.</exception>
    public string Add(string name, string value, bool isDense)
    {
        if (mac.WeightBits > 16) throw Fail($"its weights have {mac.WeightBits} bits (at most 16)");
        if (mac.Mac is not
            { ProductStage: ProductStage.Exact, AccumulatorAlign: 0, PartialAlign: 0 })
            throw Fail("its products or accumulators have a binary point of their own");
        int channels = mac.Output.Shape.Channels;
        WindowGeometry w = mac.Geometry;
        long depth = mac.Input.Shape.Channels / w.Groups;

        // Where the graph's input has another step than hardware's, weights make up for it.
        double gain = mac.Input.Scale / input;
        float[] steps = [.. mac.WeightSteps.Select(s => (float)(s * gain))];
        string raw = graph.Raw(
            $"{mac.Name}/weight/raw", [.. mac.Weights.Select(v => (long)v)], mac.WeightBits,
            mac.WeightsSigned,
            isDense ? [channels, depth] : [channels, depth, w.KernelRows, w.KernelColumns]);
        string[] inputs =
        [
            value,
            graph.Dequantized(
                $"{mac.Name}/weight", raw, steps, (mac.WeightBits, mac.WeightsSigned)),
            Bias(channels, steps),
        ];
        return isDense
            ? graph.Node("Gemm", name, inputs, QdqGraph.I("transB", 1))
            : graph.Node("Conv", name, inputs, Window(w, isPool: false));
    }

    /// <summary>
    /// Whether a tensor is sums of integers as numbers whose channels' scales follow: as they are
    /// written, sums have their scales already.
    /// </summary>
    public static bool HasScales(QuantizedProgram program, int tensor) =>
        tensor > 0
        && program.Layers[tensor - 1] is FloatDequantizeLayer { Inputs: [> 0 and var sums] }
        && program.Layers[sums - 1] is MacLayer { Output.Bits: 32 } mac
        && mac.WeightSteps.Distinct().Count() > 1;

    /// <summary>Attributes of a window.</summary>
    public static AttributeProto[] Window(WindowGeometry w, bool isPool)
    {
        AttributeProto[] all =
        [
            QdqGraph.Is("kernel_shape", w.KernelRows, w.KernelColumns),
            QdqGraph.Is("strides", w.StrideRows, w.StrideColumns),
            QdqGraph.Is("pads", w.PadTop, w.PadLeft, w.PadBottom, w.PadRight),
        ];
        return isPool
            ? all
            :
            [
                .. all, QdqGraph.Is("dilations", w.DilationRows, w.DilationColumns),
                QdqGraph.I("group", w.Groups),
            ];
    }

    private string Bias(int channels, float[] steps)
    {
        float[] scales = [.. steps.Select(s => (float)input * s)];
        if (mac.Requantization[0].Kind == RequantizationKind.RealOnce)
            return graph.Reals(
                $"{mac.Name}/bias",
                [.. mac.Requantization.Select((r, c) => (float)((double)r.RealBias * scales[c]))],
                channels);
        long[] bias = [.. IntegerWriter.UnfoldedBias(mac)];
        return bias.All(b => b is >= int.MinValue and <= int.MaxValue)
            ? graph.Dequantized(
                $"{mac.Name}/bias", graph.Raw($"{mac.Name}/bias/raw", bias, 32, true, channels),
                scales)
            : throw Fail("a bias has more than 32 bits");
    }

    private NotSupportedException Fail(string why) =>
        new($"layer '{mac.Name}': {why}, which a quantized ONNX graph does not state");
}
