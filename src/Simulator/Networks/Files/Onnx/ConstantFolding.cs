using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Arithmetic on constants, which exporters leave in a graph.</summary>
internal static class ConstantFolding
{
    /// <summary>The sum.</summary>
    public static double Add(double a, double b) => a + b;

    /// <summary>The difference.</summary>
    public static double Subtract(double a, double b) => a - b;

    /// <summary>The product.</summary>
    public static double Multiply(double a, double b) => a * b;

    /// <summary>The quotient; of whole numbers it is cut off afterwards.</summary>
    public static double Divide(double a, double b) => a / b;

    /// <summary>Makes a node of two constants one.</summary>
    public static void Two(OnnxGraph graph, OnnxNode node, Func<double, double, double> fold)
    {
        (OnnxTensor a, OnnxTensor b) = (graph.Constant(node, 0), graph.Constant(node, 1));
        if ((a.Reals is null) != (b.Reals is null) || a.Length == 0 || b.Length == 0)
            throw graph.Fail(node, "its constants are of two types, or of none that is supported");
        long[] met = Broadcasting.Meet(graph, node, a.Shape, b.Shape);
        int[] left = Broadcasting.Sources(a.Shape, met), right = Broadcasting.Sources(b.Shape, met);
        double[] results = [.. left.Zip(right, (i, k) => fold(At(a, i), At(b, k)))];
        graph.Set(node, a.Reals is null
            ? Whole(graph, node, met, results, a)
            : new OnnxTensor("", met, [.. results.Select(r => (float)r)], null));
    }

    /// <summary>Whether two constants are equal, element by element: 1 or 0.</summary>
    public static void Equal(OnnxGraph graph, OnnxNode node)
    {
        (OnnxTensor a, OnnxTensor b) = (graph.Constant(node, 0), graph.Constant(node, 1));
        long[] met = Broadcasting.Meet(graph, node, a.Shape, b.Shape);
        IEnumerable<double> left = Broadcasting.Sources(a.Shape, met).Select(i => At(a, i));
        IEnumerable<double> right = Broadcasting.Sources(b.Shape, met).Select(i => At(b, i));
        graph.Set(
            node,
            new OnnxTensor("", met, null, [.. left.Zip(right, (l, r) => l == r ? 1L : 0L)])
            {
                Type = DataType.Bool,
            });
    }

    /// <summary>Elements of one constant or another, as a third says.</summary>
    public static void Where(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> which = graph.Integers(node, 0);
        (OnnxTensor a, OnnxTensor b) = (graph.Constant(node, 1), graph.Constant(node, 2));
        if (a.Reals is null != b.Reals is null)
            throw graph.Fail(node, "its constants are of two types");
        long[] met = Broadcasting.Meet(
            graph, node, graph.Constant(node, 0).Shape,
            Broadcasting.Meet(graph, node, a.Shape, b.Shape));
        int[] choice = Broadcasting.Sources(graph.Constant(node, 0).Shape, met);
        int[] left = Broadcasting.Sources(a.Shape, met), right = Broadcasting.Sources(b.Shape, met);
        T[] Picked<T>(IReadOnlyList<T> one, IReadOnlyList<T> other) =>
            [.. choice.Select((c, i) => which[c] != 0 ? one[left[i]] : other[right[i]])];
        graph.Set(node, a.Reals is { } reals
            ? new OnnxTensor("", met, Picked<float>(reals, b.Reals!), null)
            : new OnnxTensor("", met, null, Picked(a.Integers!, b.Integers!)) { Type = a.Type });
    }

    /// <summary>A function of each number of a real constant.</summary>
    public static void Each(OnnxGraph graph, OnnxNode node, Func<float, float> function) =>
        graph.Set(node, new OnnxTensor(
            "", graph.Constant(node, 0).Shape, [.. graph.Reals(node, 0).Select(function)], null));

    /// <summary>
    /// A reduction of a constant, in double: of any axes, since there is no batch among them.
    /// </summary>
    public static void Reduce(OnnxGraph graph, OnnxNode node, ReductionKind kind)
    {
        OnnxTensor constant = graph.Constant(node, 0);
        float[] reals = graph.Reals(node, 0);
        int rank = constant.Shape.Count;
        bool[] isReduced = ReduceOperators.Axes(graph, node, rank) is not { } axes
            ? new bool[rank]
            : [.. Enumerable.Range(0, rank).Select(i => axes.Contains(i))];
        long[] ones = [.. constant.Shape.Select((e, i) => isReduced[i] ? 1 : e)];
        int[] to = Broadcasting.Sources(ones, constant.Shape);
        if (reals.Length == 0) throw graph.Fail(node, "reduces no numbers");
        float[] results = [.. to.Zip(reals, (at, real) => (At: at, Real: (double)real))
            .GroupBy(n => n.At, n => n.Real).OrderBy(g => g.Key).Select(g => (float)(kind switch
            {
                ReductionKind.Mean => g.Average(),
                ReductionKind.Max => g.Aggregate(Math.Max),
                ReductionKind.Sum => g.Sum(),
            }))];
        bool keeps = node.Integer("keepdims", 1) != 0;
        graph.Set(node, new OnnxTensor(
            "", keeps ? ones : [.. constant.Shape.Where((_, i) => !isReduced[i])], results, null));
    }

    /// <summary>A constant with the other sign.</summary>
    public static OnnxTensor Negative(OnnxTensor tensor) => tensor with
    {
        Name = "",
        Reals = tensor.Reals is null ? null : [.. tensor.Reals.Select(r => -r)],
        Integers = tensor.Integers is null ? null : [.. tensor.Integers.Select(i => -i)],
    };

    private static double At(OnnxTensor constant, int index) =>
        constant.Reals is { } reals ? reals[index] : constant.Integers![index];

    private static OnnxTensor Whole(
        OnnxGraph graph, OnnxNode node, long[] shape, double[] results, OnnxTensor like) =>
        results.All(r => Math.Abs(r) < 1L << 53)
            ? new("", shape, null, [.. results.Select(r => (long)Math.Truncate(r))])
            {
                Type = like.Type,
            }
            : throw graph.Fail(node, "a constant is divided by 0, or too large");
}
