namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Gelu of several operators between dynamically quantized layers. ONNX Runtime's default
/// optimizations make one operator of two of its forms, which multiplies by sqrt(1/2) where the
/// graph divides by sqrt(2): other bits than operation by operation.
/// </summary>
/// <param name="graph">The graph.</param>
internal sealed class GeluPattern(OnnxGraph graph)
{
    // How near ONNX Runtime's optimizer wants a constant to be.
    private const double Absolute = 1e-8, Relative = 1e-5;

    /// <summary>
    /// The x of <c>(x (Erf(x / sqrt(2)) + 1)) 0.5</c>, or of
    /// <c>(x 0.5) (Erf(x / sqrt(2)) + 1)</c>, the factors of each product in any order; null of
    /// other products. Where x is a product itself the optimizer takes it for the one with 0.5, and
    /// leaves the first form alone.
    /// </summary>
    public string? Of(OnnxNode product)
    {
        foreach (int i in (int[])[0, 1])
        {
            if (Maker(product, 1 - i, "Mul") is not { } inner) continue;
            foreach (int j in (int[])[0, 1])
            {
                if (Is(product, i, 0.5) && Argument(inner, j) is { } x && Reads(inner, 1 - j, x))
                    return IsProduct(x) ? null : x;
                if (Is(inner, j, 0.5) && Argument(product, i) is { } y && Reads(inner, 1 - j, y))
                    return y;
            }
        }

        return null;
    }

    /// <summary>The x of an input that is <c>Erf(x / sqrt(2)) + 1</c>.</summary>
    private string? Argument(OnnxNode node, int input)
    {
        if (Maker(node, input, "Add") is not { } sum) return null;
        int erf = Is(sum, 0, 1) ? 1 : Is(sum, 1, 1) ? 0 : -1;
        return erf >= 0 && Maker(sum, erf, "Erf") is { } function
            && Maker(function, 0, "Div") is { } quotient && Is(quotient, 1, Math.Sqrt(2))
            && OnnxGraph.Has(quotient, 0)
            ? quotient.Inputs[0]
            : null;
    }

    /// <summary>The operator that makes an input for this node alone.</summary>
    private OnnxNode? Maker(OnnxNode node, int input, string type) =>
        OnnxGraph.Has(node, input) && graph.Maker(node.Inputs[input]) is { } maker
        && maker.Operator == type
            ? maker
            : null;

    /// <summary>
    /// Whether a value is a product by then: that of a MatMulInteger's sums has become one operator
    /// with them.
    /// </summary>
    private bool IsProduct(string name) =>
        graph.MakerOf(name) is { Operator: "Mul" } product
        && !((int[])[0, 1]).Any(i => Maker(product, i, "Cast") is { } cast
            && Maker(cast, 0, "MatMulInteger") is not null);

    private static bool Reads(OnnxNode node, int input, string name) =>
        OnnxGraph.Has(node, input) && node.Inputs[input] == name;

    private bool Is(OnnxNode node, int input, double value) =>
        graph.IsConstant(node, input) && graph.Constant(node, input).Reals is [var one]
        && Math.Abs(one - value) <= Absolute + (Relative * value);
}
