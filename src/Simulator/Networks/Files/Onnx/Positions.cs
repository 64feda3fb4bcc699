using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Elements of an array by their positions along each dimension.</summary>
internal static class Positions
{
    /// <summary>
    /// For each element of the new extents the index of an old one: what a function makes of its
    /// positions, -1 where it says null.
    /// </summary>
    /// <param name="graph">For messages.</param>
    /// <param name="node">For messages.</param>
    /// <param name="from">The old extents.</param>
    /// <param name="to">The new extents.</param>
    /// <param name="source">Positions to positions; may change and give back its argument.</param>
    /// <exception cref="InputException">There are too many elements, or none.</exception>
    public static int[] Sources(
        OnnxGraph graph, OnnxNode node, IReadOnlyList<long> from, IReadOnlyList<long> to,
        Func<long[], long[]?> source)
    {
        long length = OnnxTensor.CountOf(to);
        if (length is < 1 or > Sizes.MostValues || to.Count == 0)
            throw graph.Fail(node, $"makes [{Brief.List(to)}] of [{Brief.List(from)}]");
        int[] sources = new int[length];
        long[] position = new long[to.Count];
        for (int i = 0; i < sources.Length; i++)
        {
            long rest = i;
            for (int axis = to.Count - 1; axis >= 0; axis--)
            {
                position[axis] = rest % to[axis];
                rest /= to[axis];
            }

            sources[i] = source([.. position]) is { } old ? Index(from, old) : -1;
        }

        return sources;
    }

    private static int Index(IReadOnlyList<long> extents, long[] position)
    {
        long index = 0;
        for (int axis = 0; axis < position.Length; axis++)
            index = (index * extents[axis]) + position[axis];
        return (int)index;
    }
}
