namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Operators of Microsoft's domain that ONNX Runtime's quantizer writes: raw values in, raw values
/// out, each with a scale and a zero point beside it.
/// </summary>
internal static class QLinearOperators
{
    /// <summary>A product of raw values with a constant matrix, or with others.</summary>
    public static void MatMul(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 3))
            QuantizeOperators.Product(graph, node, [], MatrixOperators.MatMul, axis: 1);
        else
            Of(MatrixOperators.MatMul, operands: 2)(graph, node);
    }

    /// <summary>
    /// An operator on real values between a DequantizeLinear of each operand and a QuantizeLinear.
    /// </summary>
    /// <param name="add">Adds the operator on real values.</param>
    /// <param name="operands">How many; each is a value, its scale and its zero point.</param>
    public static Action<OnnxGraph, OnnxNode> Of(
        Action<OnnxGraph, OnnxNode> add, int operands = 1) => (graph, node) =>
        Between(
            graph, node, [.. Enumerable.Range(0, operands).Select(i => 3 * i)], 3 * operands, add);

    /// <summary>The output's scale and zero point, then three inputs for each tensor.</summary>
    public static void Concat(OnnxGraph graph, OnnxNode node)
    {
        if (node.Inputs.Count < 5 || (node.Inputs.Count - 2) % 3 != 0)
            throw graph.Fail(
                node, $"has {node.Inputs.Count} inputs (supported: a scale and a zero point, then "
                    + "three for each tensor)");
        int[] operands = [.. Enumerable.Range(0, (node.Inputs.Count - 2) / 3)
            .Select(i => 2 + (3 * i))];
        Between(graph, node, operands, 0, JoinOperators.Concat);
    }

    /// <summary>Over all values of an image; left out as the last node, like Softmax.</summary>
    public static void Softmax(OnnxGraph graph, OnnxNode node)
    {
        bool isOld = node.Integer("opset", graph.Opset) < 13;
        if (!ElementOperators.IsLast(graph, node))
        {
            Between(graph, node, [0], 3, (g, n) => ElementOperators.Softmax(g, n, isOld));
            return;
        }

        OnnxNode whole = node with { Inputs = [Operand(graph, node, 0)] };
        ElementOperators.Softmax(graph, whole, isOld);
    }

    /// <summary>
    /// A, B and a bias of int32; without a scale behind them the sums are the real output.
    /// </summary>
    public static void Gemm(OnnxGraph graph, OnnxNode node)
    {
        if (node.Real("alpha", 1) != 1)
            throw graph.Fail(
                node, FormattableString.Invariant(
                    $"alpha {node.Real("alpha", 1)} is not supported (supported: 1)"));
        bool isTransposed = node.Integer("transB", 0) != 0;
        QuantizeOperators.Product(
            graph, node, [.. node.Inputs.Skip(6).Take(1)],
            (g, n) => MacOperators.Gemm(g, n with { Attributes = node.Attributes }),
            isTransposed ? 0 : 1, output: OnnxGraph.Has(node, 7) ? 7 : null);
    }

    private static void Between(
        OnnxGraph graph, OnnxNode node, int[] operands, int output,
        Action<OnnxGraph, OnnxNode> add)
    {
        string real = $"{node.Outputs[0]}/y";
        add(graph, node with
        {
            Inputs = [.. operands.Select(i => Operand(graph, node, i))],
            Outputs = [real],
        });
        QuantizeOperators.Quantize(graph, node with
        {
            Inputs = [real, .. node.Inputs.Skip(output).Take(2)],
            Attributes = new Dictionary<string, OnnxAttribute>(),
        });
    }

    /// <summary>The real value of an operand, under a name of its own.</summary>
    private static string Operand(OnnxGraph graph, OnnxNode node, int index)
    {
        string name = $"{node.Outputs[0]}/x{index}";
        QuantizeOperators.Dequantize(graph, node with
        {
            Inputs = [.. node.Inputs.Skip(index).Take(3)],
            Outputs = [name],
            Attributes = new Dictionary<string, OnnxAttribute>(),
        });
        return name;
    }
}
