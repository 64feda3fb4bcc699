namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Layers whose rows are quantized one by one.</summary>
internal static class QuantizedRows
{
    /// <summary>
    /// A softmax over rows, or a product of rows with a constant matrix, whose output is quantized:
    /// each row by itself, before they are put together, with a clamp between, and sums before they
    /// are moved. Null for any other value.
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

        int Then(FloatLayer? layer, int tensor) => layer is null
            ? tensor
            : graph.Add(node, layer with { Name = graph.Name(node), Inputs = [tensor] });
        int Quantized(int tensor) => Then(quantizer, Then(clamp, tensor));
        bool hasFlatten = PairPaths.HasFlatten(graph, node);
        int Row(int tensor) => Quantized(hasFlatten
            ? graph.Add(node, (SoftmaxLayer)Made(tensor)! with
            {
                Name = graph.Name(node),
                IsOfNumbers = true,
            })
            : tensor);
        int all;
        if (Made(at) is ConcatLayer join && join.Inputs.All(i => Made(i) is SoftmaxLayer))
            all = graph.Add(
                node, new ConcatLayer(graph.Name(node), [.. join.Inputs.Select(Row)]));
        else if (hasFlatten && Made(at) is SoftmaxLayer)
            all = Row(at);
        else if (clamp is null && moves.Count > 0 && Made(at) is { } sums
            && OwnWeights.Of(sums) is not null)
            all = Quantized(at);
        else
            return null;
        foreach (FloatLayer moved in moves)
            all = graph.Add(node, moved with { Name = graph.Name(node), Inputs = [all] });
        return value with { Tensor = all };
    }
}
