using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Networks that people quantize dynamically, small: what PyTorch exports of them, and what ONNX
/// Runtime's quantize_dynamic makes of that.
/// </summary>
internal static class DynamicForms
{
    /// <summary>One by its name.</summary>
    public static byte[] Named(string name, DynamicModel model) => name switch
    {
        "resnet20" => ResNet(model),
        "mobilenet-v2" => Inverted(model, x => Clipped(model.Graph, x), hasGate: false),
        "mobilenet-v3" => Inverted(model, x => HardSwish(model.Graph, x), hasGate: true),
        _ => Inverted(model, x => Silu(model.Graph, x), hasGate: true),
    };

    /// <summary><c>x min(max(x / 6 + 1 / 2, 0), 1)</c>, before opset 14 of two operators.</summary>
    public static string HardSwish(GraphBuilder graph, string x) => graph.Opset >= 14
        ? graph.Node("HardSwish", [x])
        : graph.Node(
            "Mul", [x, graph.Node("HardSigmoid", [x], F("alpha", 1 / 6f), F("beta", 0.5f))]);

    /// <summary>Three stages of three blocks, 16, 32 and 64 channels, for 32x32 images.</summary>
    private static byte[] ResNet(DynamicModel model)
    {
        string x = model.Relu(model.Conv("x", 3, 16, 3, pad: 1));
        int channels = 16;
        foreach (int filters in new[] { 16, 32, 64 })
            for (int block = 0; block < 3; block++, channels = filters)
            {
                int stride = filters == channels ? 1 : 2;
                string y = model.Relu(model.Conv(x, channels, filters, 3, pad: 1, stride: stride));
                y = model.Conv(y, filters, filters, 3, pad: 1);
                string way = stride == 1
                    ? x
                    : model.Conv(x, channels, filters, 1, pad: 0, stride: stride);
                x = model.Relu(model.Graph.Node("Add", [y, way]));
            }

        return Classified(model, model.Mean(x, model.Graph.Opset > 13), 64);
    }

    /// <summary>
    /// Inverted residuals for 16x16 images: expansion, depthwise convolution, perhaps a gate,
    /// projection, and a sum where shapes agree.
    /// </summary>
    private static byte[] Inverted(
        DynamicModel model, Func<string, string> activation, bool hasGate)
    {
        GraphBuilder graph = model.Graph;
        string x = activation(model.Conv("x", 3, 8, 3, pad: 1));
        int channels = 8;
        foreach ((int filters, int stride) in new[] { (8, 1), (12, 2), (12, 1), (16, 2), (16, 1) })
        {
            int wide = 4 * channels;
            string y = activation(model.Conv(x, channels, wide, 1, pad: 0));
            y = activation(model.Conv(y, wide, wide, 3, pad: 1, groups: wide, stride: stride));
            if (hasGate)
            {
                string gate = model.Relu(model.Conv(
                    model.Mean(y, isReduction: false), wide, 4, 1, pad: 0));
                gate = model.Conv(gate, 4, wide, 1, pad: 0);
                y = graph.Node(
                    "Mul",
                    [y, graph.Node(filters % 8 == 0 ? "HardSigmoid" : "Sigmoid", [gate])]);
            }

            y = model.Conv(y, wide, filters, 1, pad: 0);
            x = filters == channels ? graph.Node("Add", [x, y]) : y;
            channels = filters;
        }

        x = activation(model.Conv(x, channels, 32, 1, pad: 0));
        return Classified(
            model,
            graph.Opset == 18
                ? graph.Node("AveragePool", [x], Is("kernel_shape", 4, 4))
                : model.Mean(x, isReduction: false),
            32);
    }

    private static byte[] Classified(DynamicModel model, string x, int features)
    {
        int extent = features == 64 ? 32 : 16;
        return model.Graph.Build(
            Simulator.Networks.Files.Onnx.Schema.TensorProto.Types.DataType.Float,
            [-1, 3, extent, extent],
            model.Dense(model.Graph.Node("Flatten", [x]), features, 10));
    }

    private static string Clipped(GraphBuilder graph, string x) =>
        graph.Node("Clip", [x, graph.Real(0), graph.Real(6)]);

    private static string Silu(GraphBuilder graph, string x) =>
        graph.Node("Mul", [x, graph.Node("Sigmoid", [x])]);
}
