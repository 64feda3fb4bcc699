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
        double At(OnnxTensor t, int i) => t.Reals is { } reals ? reals[i] : t.Integers![i];
        double[] results = [.. left.Zip(right, (i, k) => fold(At(a, i), At(b, k)))];
        graph.Set(node, a.Reals is null
            ? Whole(graph, node, met, results, a)
            : new OnnxTensor("", met, [.. results.Select(r => (float)r)], null));
    }

    /// <summary>A constant with the other sign.</summary>
    public static OnnxTensor Negative(OnnxTensor tensor) => tensor with
    {
        Name = "",
        Reals = tensor.Reals is null ? null : [.. tensor.Reals.Select(r => -r)],
        Integers = tensor.Integers is null ? null : [.. tensor.Integers.Select(i => -i)],
    };

    private static OnnxTensor Whole(
        OnnxGraph graph, OnnxNode node, long[] shape, double[] results, OnnxTensor like) =>
        results.All(r => Math.Abs(r) < 1L << 53)
            ? new("", shape, null, [.. results.Select(r => (long)Math.Truncate(r))])
            {
                Type = like.Type,
            }
            : throw graph.Fail(node, "a constant is divided by 0, or too large");
}
