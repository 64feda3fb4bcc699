using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Sums of products as the product of two matrices that they were spread out from.
/// </summary>
/// <param name="graph">Where its nodes go.</param>
/// <param name="name">What the product is called, and its nodes begin with.</param>
/// <param name="shape">Of the product: heads, rows, columns.</param>
/// <param name="depth">How many products a sum has.</param>
internal sealed class DynamicMatrices(
    QdqGraph graph, string name, TensorShape shape, int depth)
{
    private const int One = 0x3F800000;

    /// <summary>Adds the nodes; what the last of them writes.</summary>
    /// <param name="sum">In which order.</param>
    /// <param name="first">One matrix, every row as often as the other has columns, flat.</param>
    /// <param name="second">The other, every column as often as the first has rows.</param>
    public string Add(FloatProductSum sum, string first, string second)
    {
        // [heads, row, place] and [heads, place, column], from [heads place, row, column].
        // Of one row ONNX Runtime sums in lanes where the second matrix is turned, of one column in
        // fours where the first one is, and otherwise as of others, unless there is a factor.
        bool isFused = sum is { Order: FloatProductOrder.Fused, Factor: One };
        bool turnsLeft = shape.Rows == 1
            ? isFused
            : sum.Order == FloatProductOrder.Fours;
        bool turnsRight = (shape.Columns == 1 && isFused)
            || (shape.Rows == 1 && sum.Order == FloatProductOrder.Lanes);
        string left = turnsLeft
            ? Turned("left", Picked(
                first, "left", depth, shape.Rows, (place, row) => (place, row, 0)))
            : Picked(first, "left", shape.Rows, depth, (row, place) => (place, row, 0));
        string right = turnsRight
            ? Turned("right", Picked(
                second, "right", shape.Columns, depth, (column, place) => (place, 0, column)))
            : Picked(second, "right", depth, shape.Columns, (place, column) => (place, 0, column));
        bool hasFactor = sum.Factor != One;
        string product = graph.Node(
            "MatMul", hasFactor ? $"{name}/product" : name, [left, right]);
        return hasFactor
            ? graph.Node("Mul", name, [
                product,
                graph.Reals($"{name}/factor", [OrderedFloat.Value(sum.Factor)]),
            ])
            : product;
    }

    /// <summary>The nodes of integers with scales of each image's own.</summary>
    public string Integers(string first, string second, float[] bias)
    {
        DynamicIntegers left = graph.Dynamic(
            Picked(first, "left", shape.Rows, depth, (row, place) => (place, row, 0)),
            $"{name}/left/dynamic");
        DynamicIntegers right = graph.Dynamic(
            Picked(second, "right", depth, shape.Columns, (place, column) => (place, 0, column)),
            $"{name}/right/dynamic");
        string sums = graph.Node(
            "MatMulInteger", $"{name}/sums",
            [left.Raw, right.Raw, left.ZeroPoint, right.ZeroPoint]);
        bool hasBias = bias.Any(b => b != 0);
        string numbers = graph.Node("Mul", hasBias ? $"{name}/product" : name, [
            graph.Node(
                "Cast", $"{name}/real", [sums], QdqGraph.I("to", (long)DataType.Float)),
            graph.Node("Mul", $"{name}/scale", [left.Scale, right.Scale]),
        ]);
        return hasBias
            ? graph.Node("Add", name, [
                numbers, graph.Reals($"{name}/bias", bias, bias.Length, 1, 1)])
            : numbers;
    }

    private string Turned(string side, string matrix) => graph.Node(
        "Transpose", $"{name}/{side}/turned", [matrix], QdqGraph.Is("perm", 0, 1, 3, 2));

    private string Picked(
        string flat, string side, int rows, int columns,
        Func<int, int, (int Place, int Row, int Column)> at)
    {
        string part = $"{name}/{side}";
        long[] sources =
        [
            .. from head in Enumerable.Range(0, shape.Channels)
               from row in Enumerable.Range(0, rows)
               from column in Enumerable.Range(0, columns)
               let taken = at(row, column)
               let channel = ((long)head * depth) + taken.Place
               select (((channel * shape.Rows) + taken.Row) * shape.Columns) + taken.Column,
        ];
        string picked = graph.Node("Gather", $"{part}/picked", [
            flat, graph.Integers($"{part}/sources", sources)], QdqGraph.I("axis", 1));
        return graph.Node("Reshape", part, [
            picked, graph.Integers($"{part}/shape", 0, shape.Channels, rows, columns)]);
    }
}
