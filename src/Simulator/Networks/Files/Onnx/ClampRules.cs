namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Which clamps ONNX Runtime drops ahead of a QuantizeLinear: for a Clip it needs a scale and a
/// zero point without dimensions, and for a Relu a zero point that is there, or such a scale. Zero
/// points of integers of which it makes uint8 have none. Rounded bounds count right behind a layer.
/// </summary>
internal static class ClampRules
{
    /// <summary>The rule for what clamps the values of a QuantizeLinear.</summary>
    public static ClampRule Of(OnnxGraph graph, OnnxNode quantize)
    {
        OnnxNode? clamp = FusedNodes.Ahead(graph, quantize.Inputs[0]);
        if (clamp is not { Operator: "Relu" or "Clip" }) return ClampRule.Both;
        OnnxNode? layer = FusedNodes.Ahead(graph, clamp.Inputs[0]);
        bool hasZero = OnnxGraph.Has(quantize, 2);
        bool isScalar = hasZero && graph.Constant(quantize, 2).Shape.Count == 0;
        bool becomesScalar = hasZero && PairTypes.BecomesUnsigned(graph, quantize);
        bool isOne = graph.Constant(quantize, 1).Shape.Count == 0;
        bool asIntegers = isOne && (!hasZero || isScalar || becomesScalar)
            && (layer is null || !PairPaths.Moves(graph, layer));
        if (clamp.Operator == "Relu")
            return hasZero || asIntegers ? ClampRule.Relu : ClampRule.None;
        // Once the zero point becomes a scalar a convolution has taken in the Clip.
        bool asNumbers = isOne && (isScalar || (becomesScalar && layer?.Operator != "Conv"));
        return (asNumbers, asIntegers) switch
        {
            (true, true) => ClampRule.Both,
            (true, false) => ClampRule.Numbers,
            (false, true) => ClampRule.Integers,
            (false, false) => ClampRule.None,
        };
    }
}
