using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Sums of products as the product of two matrices that they were spread out from.
/// </summary>
/// <param name="graph">Where its nodes go.</param>
/// <param name="sums">The layer.</param>
internal sealed class DynamicMatrices(QdqGraph graph, FloatProductSumLayer sums)
{
    private const int One = 0x3F800000;

    /// <summary>Adds the nodes; what the last of them writes.</summary>
    /// <param name="first">One matrix, every row as often as the other has columns, flat.</param>
    /// <param name="second">The other, every column as often as the first has rows.</param>
    public string Add(string first, string second)
    {
        TensorShape shape = sums.Output.Shape;
        int depth = sums.Sum.Depth;
        // [heads, row, place] and [heads, place, column], from [heads place, row, column].
        // Of one row ONNX Runtime sums in lanes where the second matrix is turned, of one column in
        // fours where the first one is, and otherwise as of others, unless there is a factor.
        bool isFused = sums.Sum is { Order: FloatProductOrder.Fused, Factor: One };
        bool turnsLeft = shape.Rows == 1
            ? isFused
            : sums.Sum.Order == FloatProductOrder.Fours;
        bool turnsRight = (shape.Columns == 1 && isFused)
            || (shape.Rows == 1 && sums.Sum.Order == FloatProductOrder.Lanes);
        string left = turnsLeft
            ? Turned("left", Picked(
                first, "left", depth, shape.Rows, (place, row) => (place, row, 0)))
            : Picked(first, "left", shape.Rows, depth, (row, place) => (place, row, 0));
        string right = turnsRight
            ? Turned("right", Picked(
                second, "right", shape.Columns, depth, (column, place) => (place, 0, column)))
            : Picked(second, "right", depth, shape.Columns, (place, column) => (place, 0, column));
        bool hasFactor = sums.Sum.Factor != One;
        string product = graph.Node(
            "MatMul", hasFactor ? $"{sums.Name}/product" : sums.Name, [left, right]);
        return hasFactor
            ? graph.Node("Mul", sums.Name, [
                product,
                graph.Reals($"{sums.Name}/factor", [OrderedFloat.Value(sums.Sum.Factor)]),
            ])
            : product;
    }

    private string Turned(string side, string matrix) => graph.Node(
        "Transpose", $"{sums.Name}/{side}/turned", [matrix], QdqGraph.Is("perm", 0, 1, 3, 2));

    private string Picked(
        string flat, string side, int rows, int columns,
        Func<int, int, (int Place, int Row, int Column)> at)
    {
        TensorShape shape = sums.Output.Shape;
        string name = $"{sums.Name}/{side}";
        long[] sources =
        [
            .. from head in Enumerable.Range(0, shape.Channels)
               from row in Enumerable.Range(0, rows)
               from column in Enumerable.Range(0, columns)
               let taken = at(row, column)
               let channel = ((long)head * sums.Sum.Depth) + taken.Place
               select (((channel * shape.Rows) + taken.Row) * shape.Columns) + taken.Column,
        ];
        string picked = graph.Node("Gather", $"{name}/picked", [
            flat, graph.Integers($"{name}/sources", sources)], QdqGraph.I("axis", 1));
        return graph.Node("Reshape", name, [
            picked, graph.Integers($"{name}/shape", 0, shape.Channels, rows, columns)]);
    }
}
