namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// What ONNX Runtime's optimizer does not know of a graph whose input leaves the batch open: it
/// does not work out the shapes that such graphs compute, and leaves alone what depends on them.
/// </summary>
internal static class OpenShapes
{
    /// <summary>Whether a constant was made of the shape of something.</summary>
    public static bool IsOfShape(OnnxGraph graph, string name) =>
        graph.HasOpenBatch && Makers(graph, name).Any(n => n.Operator == "Shape");

    /// <summary>Whether the extents of a value depend on such a constant.</summary>
    public static bool IsOpen(OnnxGraph graph, string name) =>
        graph.HasOpenBatch && Makers(graph, name).Any(n =>
            n.Operator is "Reshape" or "Expand" or "Slice" or "Tile" or "Pad" or "Resize"
            && n.Inputs.Skip(1).Any(i => IsOfShape(graph, i)));

    /// <summary>The nodes that a value goes back to.</summary>
    private static IEnumerable<OnnxNode> Makers(OnnxGraph graph, string name)
    {
        HashSet<string> seen = [name];
        var left = new Queue<string>(seen);
        while (left.TryDequeue(out string? next))
        {
            if (graph.Nodes.FirstOrDefault(n => n.Outputs.Contains(next)) is not { } maker)
                continue;
            yield return maker;
            foreach (string input in maker.Inputs.Where(seen.Add)) left.Enqueue(input);
        }
    }
}
