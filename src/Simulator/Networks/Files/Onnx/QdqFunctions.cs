using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Functions of one value as ONNX operators, most of them of opset 13.</summary>
internal static class QdqFunctions
{
    /// <summary>Operators that opset 13 has not.</summary>
    public static bool IsNew(string type) => type is "HardSwish" or "Mish" or "Gelu";

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
