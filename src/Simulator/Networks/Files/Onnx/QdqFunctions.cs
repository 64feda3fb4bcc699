using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Functions of one value as ONNX operators, most of them of opset 13.</summary>
internal static class QdqFunctions
{
    /// <summary>Operators that opset 13 has not.</summary>
    public static bool IsNew(string type) => type is "HardSwish" or "Mish" or "Gelu"
        or "LayerNormalization";

    /// <summary>
    /// A function that is several operators: <c>x Sigmoid(A x)</c>, and <c>(x + A)^-0.5</c>; null
    /// for any other. <see cref="FunctionPatterns"/> knows them again.
    /// </summary>
    public static string? Composed(QdqGraph graph, FloatLayer? layer, string value, string name)
    {
        switch (layer)
        {
            case PointLayer { Function: PointFunction.Silu } silu:
                string scaled = silu.A == 1
                    ? value
                    : graph.Node("Mul", $"{name}/scaled", [
                        value, graph.Reals($"{name}/factor", [(float)silu.A])]);
                string gate = graph.Node("Sigmoid", $"{name}/gate", [scaled]);
                return graph.Node("Mul", name, [value, gate]);
            case PointLayer { Function: PointFunction.InverseRoot } root:
                string sum = root.A == 0
                    ? value
                    : graph.Node("Add", $"{name}/sum", [
                        value, graph.Reals($"{name}/addend", [(float)root.A])]);
                return graph.Node("Pow", name, [
                    sum, graph.Reals($"{name}/exponent", [-0.5f])]);
            default:
                return null;
        }
    }

    /// <summary>The operator and its attributes; null where there is none.</summary>
    public static (string Type, AttributeProto[] Attributes)? Of(FloatLayer? layer) => layer switch
    {
        SigmoidLayer => ("Sigmoid", []),
        TanhLayer => ("Tanh", []),
        PointLayer point => point.Function switch
        {
            PointFunction.LeakyRelu => ("LeakyRelu", [QdqGraph.F("alpha", point.A)]),
            PointFunction.Elu => ("Elu", [QdqGraph.F("alpha", point.A)]),
            PointFunction.Celu => ("Celu", [QdqGraph.F("alpha", point.A)]),
            PointFunction.Selu => (
                "Selu", [QdqGraph.F("alpha", point.A), QdqGraph.F("gamma", point.B)]),
            PointFunction.ThresholdedRelu => (
                "ThresholdedRelu", [QdqGraph.F("alpha", point.A)]),
            PointFunction.HardSigmoid => (
                "HardSigmoid", [QdqGraph.F("alpha", point.A), QdqGraph.F("beta", point.B)]),
            PointFunction.Erf => ("Erf", []),
            PointFunction.Softplus => ("Softplus", []),
            PointFunction.Softsign => ("Softsign", []),
            PointFunction.Abs => ("Abs", []),
            PointFunction.SquareRoot => ("Sqrt", []),
            PointFunction.Reciprocal => ("Reciprocal", []),
            PointFunction.HardSwish => ("HardSwish", []),
            PointFunction.Mish => ("Mish", []),
            PointFunction.Gelu => ("Gelu", []),
            PointFunction.GeluTanh => ("Gelu", [QdqGraph.S("approximate", "tanh")]),
            _ => null,
        },
        _ => null,
    };
}
