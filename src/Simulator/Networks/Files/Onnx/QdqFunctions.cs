using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Functions of one value as ONNX operators of opset 13.</summary>
internal static class QdqFunctions
{
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
            _ => null,
        },
        _ => null,
    };
}
