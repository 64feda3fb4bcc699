namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Layers that are quantized before their values are put together or moved.</summary>
internal static class QuantizedRows
{
    /// <summary>
    /// What a quantizer makes of a softmax over rows, each by itself, or of another layer whose
    /// values are moved behind it, with a clamp between: it rounds them before they are moved. Null
    /// for any other value.
    /// </summary>
    public static OnnxValue? Of(
        OnnxGraph graph, OnnxNode node, OnnxValue value, FakeQuantizeLayer quantizer)
    {
        FloatLayer? Made(int tensor) => tensor > 0 ? graph.Layers[tensor - 1] : null;
        var moves = new Stack<FloatLayer>();
        int at = value.Tensor;
        FloatLayer? clamp = null;
        for (; Made(at) is RearrangeLayer or FlattenLayer or ReluLayer
            or PointLayer { Function: PointFunction.Clip }; at = Made(at)!.Inputs[0])
        {
            if (Made(at) is RearrangeLayer or FlattenLayer) moves.Push(Made(at)!);
            else if (clamp is null) clamp = Made(at);
            else return null;
        }

        // Of zeros between the values a clamp may make others.
        if (clamp is not null
            && moves.Any(m => m is RearrangeLayer moved && moved.Sources.Contains(-1)))
            return null;
        int Then(FloatLayer? layer, int tensor) => layer is null
            ? tensor
            : graph.Add(node, layer with { Name = graph.Name(node), Inputs = [tensor] });
        int Quantized(int tensor) => Then(quantizer, Then(clamp, tensor));
        int all;
        if (Made(at) is ConcatLayer join && join.Inputs.All(i => Made(i) is SoftmaxLayer))
            all = graph.Add(
                node, new ConcatLayer(graph.Name(node), [.. join.Inputs.Select(Quantized)]));
        else if (moves.Count > 0 && Made(at) is { } made
            && (OwnWeights.Of(made) is not null
                || made is SoftmaxLayer or AddLayer or MultiplyLayer or AveragePool2dLayer))
        {
            // A Gemm's rows are put together for it and taken apart ahead of a clamp.
            if (clamp is not null && FloatMac.Of(made) is { TakesAddend: false })
                quantizer = quantizer with { IsApart = true };
            all = Quantized(at);
        }
        else
            return null;
        foreach (FloatLayer moved in moves)
            all = graph.Add(node, moved with { Name = graph.Name(node), Inputs = [all] });
        return value with { Tensor = all };
    }
}
