namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// A product of matrices of numbers in a quantized network, with the factors that ONNX Runtime's
/// default optimizations take into it: those of either matrix and of the product, where they are
/// one number. It multiplies sums by them, in place of what is summed.
/// </summary>
/// <param name="Node">The product of what is left of its inputs.</param>
/// <param name="Factor">Everything that its sums are multiplied by.</param>
internal sealed record MatrixFactors(OnnxNode Node, float Factor)
{
    /// <summary>The product, and notes what it takes over.</summary>
    public static MatrixFactors Of(OnnxGraph graph, OnnxNode product)
    {
        string[] inputs = [.. product.Inputs];
        string output = product.Outputs[0];
        int rank = graph.Extents(inputs[0])?.Count ?? 0;
        float factor = 1;
        bool isDone = false;
        while (!isDone)
        {
            // The optimizer takes one of each in a round, and goes round until none is left.
            isDone = true;
            for (int i = 0; i < inputs.Length; i++)
                if (FusedNodes.Ahead(graph, inputs[i]) is { } maker
                    && FactorOf(graph, maker, rank) is var (before, value))
                    (factor, inputs[i], isDone) = (factor * before, value, false);
            if (FusedNodes.Behind(graph, output) is var (reader, _)
                && FactorOf(graph, reader, rank) is var (behind, _))
            {
                (factor, output, isDone) = (factor * behind, reader.Outputs[0], false);
                graph.SetFactored(output);
            }
        }

        return new(product with { Inputs = inputs }, factor);
    }

    /// <summary>A product or quotient whose factor a product of matrices took over.</summary>
    public static bool Took(OnnxGraph graph, OnnxNode node)
    {
        if (!graph.IsFactored(node.Outputs[0])) return false;
        graph.Set(node, graph.Value(node, graph.IsConstant(node, 0) ? 1 : 0));
        return true;
    }

    private static (float Factor, string Value)? FactorOf(OnnxGraph graph, OnnxNode node, int rank)
    {
        if (node.Operator is not ("Mul" or "Div") || node.Inputs.Count != 2) return null;
        bool divides = node.Operator == "Div";
        foreach (int i in divides ? [1] : (int[])[0, 1])
            if (graph.IsConstant(node, i) && !graph.IsConstant(node, 1 - i)
                && !graph.Shapes.IsComputed(node.Inputs[i])
                && graph.Constant(node, i) is { Reals: [var one] } constant
                && constant.Shape.Count <= rank && float.IsFinite(1 / one))
                return (divides ? 1 / one : one, node.Inputs[1 - i]);
        return null;
    }
}
