using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Nodes that move values, or leave them where they are.</summary>
internal static class QdqMoves
{
    /// <summary>In one line, with a zero behind it, the sources picked, in their shape.</summary>
    public static string Rearranged(
        QdqGraph graph, Kernels.Datapath.RearrangeLayer moved, string value, string name)
    {
        int length = moved.Input.Shape.Length;
        string line = graph.Node("Flatten", $"{name}/line", [value]);
        if (moved.Sources.Contains(-1))
            line = graph.Node("Pad", $"{name}/zero", [
                line, graph.Integers($"{name}/pads", 0, 0, 0, 1)]);
        string picked = graph.Node("Gather", $"{name}/picked", [
            line,
            graph.Integers(
                $"{name}/sources", [.. moved.Sources.Select(s => s < 0 ? length : (long)s)])],
            QdqGraph.I("axis", 1));
        TensorShape shape = moved.Output.Shape;
        return shape.Positions == 1
            ? picked
            : graph.Node("Reshape", name, [
                picked,
                graph.Integers(
                    $"{name}/shape", 0, shape.Channels, shape.Rows, shape.Columns),
            ]);
    }

    /// <summary>
    /// A value as it is behind a Flatten, through which ONNX Runtime moves no pair: what stands
    /// about it becomes no one operator.
    /// </summary>
    public static string Apart(
        QdqGraph graph, string value, string name, bool isFlat, TensorShape shape)
    {
        string flat = graph.Node("Flatten", isFlat ? name : $"{name}/flat", [value]);
        return isFlat
            ? flat
            : graph.Node("Reshape", name, [
                flat,
                graph.Integers(
                    $"{name}/shape", 0, shape.Channels, shape.Rows, shape.Columns),
            ]);
    }
}
