namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Which clamps ONNX Runtime drops ahead of a QuantizeLinear: for a Clip it needs a scale and a
/// zero point without dimensions, and for a Relu a zero point that is there, or such a scale. Zero
/// points of integers of which it makes uint8 have none.
/// </summary>
internal static class ClampRules
{
    /// <summary>The rule for what clamps the values of a QuantizeLinear.</summary>
    public static ClampRule Of(OnnxGraph graph, OnnxNode quantize)
    {
        OnnxNode? clamp = FusedNodes.Ahead(graph, quantize.Inputs[0]);
        while (clamp is not null && PairPaths.Moves(graph, clamp))
            clamp = FusedNodes.Ahead(graph, clamp.Inputs[0]);
        bool hasZero = OnnxGraph.Has(quantize, 2);
        bool isScalar = hasZero && graph.Constant(quantize, 2).Shape.Count == 0;
        bool areScalars = graph.Constant(quantize, 1).Shape.Count == 0
            && (isScalar || !hasZero || PairTypes.BecomesUnsigned(graph, quantize));
        return clamp?.Operator switch
        {
            "Relu" => hasZero || areScalars ? ClampRule.Relu : ClampRule.None,
            "Clip" when !areScalars => ClampRule.None,
            // Once it is a scalar a convolution has taken in the Clip.
            "Clip" when !isScalar && (!hasZero || IsOfConvolution(graph, clamp)) =>
                ClampRule.Integers,
            _ => ClampRule.Both,
        };
    }

    private static bool IsOfConvolution(OnnxGraph graph, OnnxNode clamp) =>
        FusedNodes.Ahead(graph, clamp.Inputs[0])?.Operator == "Conv";
}
