using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Integers;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using QSim.Simulator.Quantization;

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
        string[] inputs = [value, .. Constants(isDense)];
        return isDense
            ? graph.Node("Gemm", name, inputs, QdqGraph.I("transB", 1))
            : graph.Node("Conv", name, inputs, Window(mac.Geometry, isPool: false));
    }

    /// <summary>
    /// Sums of rows that nothing quantizes: the Gemm of each position, for a convolution's have to
    /// be quantized.
    /// </summary>
    /// <param name="name">What the last node is called.</param>
    /// <param name="line">All values of an image in a line.</param>
    public string AddRows(string name, string line)
    {
        TensorShape to = mac.Output.Shape;
        string[] constants = Constants(isDense: true);
        string Row(int position)
        {
            string row = $"{mac.Name}/row_{position}";
            string picked = Picked(
                $"{row}/real", line, mac.Input.Shape.Channels, c => (c * to.Positions) + position);
            return graph.Node(
                "Gemm", $"{row}/sums",
                [graph.Quantized(picked, row, mac.Input, input), .. constants],
                QdqGraph.I("transB", 1));
        }

        string all = graph.Node(
            "Concat", $"{mac.Name}/rows", [.. Enumerable.Range(0, to.Positions).Select(Row)],
            QdqGraph.I("axis", 1));
        string turned = Picked(
            $"{mac.Name}/columns", all, to.Length,
            i => (i % to.Positions * to.Channels) + (i / to.Positions));
        return graph.Node("Reshape", name, [
            turned, graph.Integers($"{name}/shape", 0, to.Channels, to.Rows, to.Columns)]);
    }

    private string Picked(string name, string line, int count, Func<int, long> source) =>
        graph.Node("Gather", name, [
            line,
            graph.Integers($"{name}/sources", [.. Enumerable.Range(0, count).Select(source)]),
        ], QdqGraph.I("axis", 1));

    /// <summary>Weights and biases.</summary>
    private string[] Constants(bool isDense)
    {
        int channels = mac.Output.Shape.Channels;
        WindowGeometry w = mac.Geometry;
        long depth = mac.Input.Shape.Channels / w.Groups;

        // Where the graph's input has another step than hardware's, weights make up for it.
        double gain = mac.Input.Scale / input;
        float[] steps = [.. mac.WeightSteps.Select(s => (float)(s * gain))];

        int[]? zeros = mac is { WeightBits: 9, WeightsSigned: true }
            ? Zeros(isDense ? channels : 1)
            : null;
        int bits = zeros is null ? mac.WeightBits : 8;
        zeros ??= [0];
        int perZero = mac.Weights.Length / zeros.Length;
        string raw = graph.Raw(
            $"{mac.Name}/weight/raw",
            [.. mac.Weights.Select((v, i) => (long)v + zeros[i / perZero])], bits,
            mac.WeightsSigned,
            isDense ? [channels, depth] : [channels, depth, w.KernelRows, w.KernelColumns]);
        return
        [
            graph.Dequantized(
                $"{mac.Name}/weight", raw, steps, (bits, mac.WeightsSigned), zeros: zeros),
            Bias(channels, steps),
        ];
    }

    /// <summary>
    /// Zero points that leave 8 bits of weights from which others were subtracted, for of 16 no
    /// tool sums integers: one for all, or for each of so many channels. Null where none do.
    /// </summary>
    private int[]? Zeros(int channels)
    {
        if (Zero([.. mac.Weights]) is { } one) return [one];
        int?[] each =
            [.. mac.Weights.Chunk(mac.Weights.Length / channels).Select(Zero)];
        return each.Contains(null) ? null : [.. each.Select(z => z!.Value)];
    }

    private static int? Zero(int[] weights)
    {
        int zero = Math.Max(sbyte.MinValue, sbyte.MinValue - weights.Min());
        return zero <= sbyte.MaxValue && weights.Max() + zero <= sbyte.MaxValue ? zero : null;
    }

    /// <summary>Whether a layer is the mean of whole images, divided in float32.</summary>
    /// <param name="mac">The layer.</param>
    /// <param name="origin">The layer of the network that it was made from.</param>
    /// <param name="input">What one raw step of the input is in the graph.</param>
    public static bool IsMean(MacLayer mac, FloatLayer? origin, double input) =>
        mac.Requantization[0].Kind == RequantizationKind.Real && input == mac.Input.Scale
        && origin is AveragePool2dLayer pool
        && AveragePoolBuilder.IsGlobal(mac.Input.Shape, pool.Geometry);

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
