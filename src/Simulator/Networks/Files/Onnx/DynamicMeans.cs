using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Means as the operators of which ONNX Runtime sums in their order (<see cref="SumOrders"/>).
/// </summary>
internal static class DynamicMeans
{
    /// <summary>
    /// Whether some of a network's have no operator but the newer AveragePool: that sums windows
    /// row by row, the older one blocks of channels alone.
    /// </summary>
    private static bool NeedNewer(FloatAverageLayer[] means) =>
        means.All(m => m.Order != FloatSum.Columns) && means.Any(m => m is
        {
            Order: FloatSum.Rows, Geometry.StrideColumns: < 3,
        } && (m.Input.Rows > 1 || IsWhole(m)));

    /// <summary>
    /// Writes a model in the opset that means need, and in a newer one where another operator
    /// turned out to need that.
    /// </summary>
    public static byte[] Write(QuantizedProgram program, Func<QdqGraph, byte[]> write)
    {
        FloatAverageLayer[] means = [.. program.Layers.OfType<FloatAverageLayer>()];
        var graph = new QdqGraph(NeedNewer(means));
        bool wasNew = graph.IsNew;
        byte[] model = write(graph);
        // Means are other operators there, so that the first of them may be the older one's.
        if (wasNew == graph.IsNew || means.Length == 0) return model;
        FloatAverageLayer? columns = means.FirstOrDefault(m => m.Order == FloatSum.Columns);
        graph = new QdqGraph(isNew: true, keepsWindows: columns is not null);
        model = write(graph);
        return columns is null || !graph.IsNewest
            ? model
            : throw new NotSupportedException(
                $"layer '{columns.Name}' sums down columns, as ONNX Runtime's AveragePool does "
                    + "before opset 19 alone, and Gelu between quantizers is an operator since "
                    + "opset 20 (supported: .npz)");
    }

    /// <summary>Adds one; what it writes.</summary>
    /// <param name="graph">Where nodes go.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="value">What it reads.</param>
    /// <param name="isOfIntegers">Whether integers are made numbers right before it.</param>
    public static string Add(
        QdqGraph graph, FloatAverageLayer mean, string value, bool isOfIntegers)
    {
        if (isOfIntegers && OneByOne(graph, mean, value) is { } rows) return rows;
        WindowGeometry window = mean.Geometry;
        TensorShape from = mean.Input;
        switch (mean.Order)
        {
            case FloatSum.Lanes:
                return graph.Node("GlobalAveragePool", mean.Name, [value]);
            case FloatSum.Aligned:
                return Reduced(graph, mean.Name, value, 2, 3);
            case FloatSum.Fours when window.KernelColumns == 1:
                return Reduced(graph, mean.Name, value, 2);
            // A Transpose would be moved behind the mean by the optimizer, which turns the order.
            case FloatSum.Fours:
                string column = graph.Node(
                    "Reshape", $"{mean.Name}/column",
                    [
                        value,
                        graph.Integers($"{mean.Name}/shape", 0, from.Channels, from.Columns, 1),
                    ]);
                return Reduced(graph, mean.Name, column, 2);
            case FloatSum.Columns when IsWhole(mean):
                throw new NotSupportedException(
                    $"layer '{mean.Name}' averages a whole padded channel, and ONNX Runtime would "
                        + "sum it in another order than the network's own operator");
            case FloatSum.Rows:
            case FloatSum.Columns:
                return graph.Node(
                    "AveragePool", mean.Name, [value], QdqMac.Window(window, isPool: true));
            default:
                throw UnknownLayer.Of(mean, "no operator for its order");
        }
    }

    /// <summary>
    /// A mean of whole rows one by one, as ReduceMean has it over the first axis behind the batch:
    /// of a pool between integers ONNX Runtime makes one of integers.
    /// </summary>
    /// <param name="graph">Where nodes go.</param>
    /// <param name="mean">The mean; null is returned where it is not of whole rows.</param>
    /// <param name="value">What it reads, [batch, channels, 1, columns].</param>
    private static string? OneByOne(QdqGraph graph, FloatAverageLayer mean, string value)
    {
        TensorShape from = mean.Input;
        WindowGeometry window = mean.Geometry;
        if (mean.Order != FloatSum.Rows || from.Rows > 1 || window.HasPadding
            || window.KernelColumns != from.Columns)
            return null;
        (int channels, int count) = (from.Channels, from.Columns);
        string line = graph.Node("Flatten", $"{mean.Name}/line", [value]);
        long[] turned = [.. Enumerable.Range(0, from.Length).Select(
            i => (long)((i % channels * count) + (i / channels)))];
        string picked = graph.Node(
            "Gather", $"{mean.Name}/turned",
            [line, graph.Integers($"{mean.Name}/sources", turned)], QdqGraph.I("axis", 1));
        string columns = graph.Node(
            "Reshape", $"{mean.Name}/columns",
            [picked, graph.Integers($"{mean.Name}/columns/shape", 0, count, channels)]);
        return graph.Node(
            "Reshape", mean.Name,
            [
                Reduced(graph, $"{mean.Name}/mean", columns, 1),
                graph.Integers($"{mean.Name}/shape", 0, channels, 1, 1),
            ]);
    }

    /// <summary>Whether ONNX Runtime has a global pool of it; of one with strides it has none.
    /// </summary>
    private static bool IsWhole(FloatAverageLayer mean) =>
        mean.Geometry == new WindowGeometry(mean.Input.Rows, mean.Input.Columns);

    private static string Reduced(
        QdqGraph graph, string name, string value, params long[] axes) => graph.IsNew
        ? graph.Node("ReduceMean", name, [value, graph.Integers($"{name}/axes", axes)])
        : graph.Node("ReduceMean", name, [value], QdqGraph.Is("axes", axes));
}
