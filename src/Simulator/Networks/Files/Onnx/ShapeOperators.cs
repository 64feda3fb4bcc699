using QSim.Kernels.Datapath;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators that move nothing, and only change what values are called.</summary>
internal static class ShapeOperators
{
    /// <summary>The value itself.</summary>
    public static void Same(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0)) graph.Set(node, graph.Constant(node, 0));
        else graph.Set(node, graph.MaybePadded(node, 0));
    }

    /// <summary>Dropout, which a trained network does not do.</summary>
    public static void Dropout(OnnxGraph graph, OnnxNode node)
    {
        if (OnnxGraph.Has(node, 2) && graph.Integer(node, 2) != 0)
            throw graph.Fail(
                node, "is in training mode: export the network for inference (model.eval())");
        Same(graph, node);
    }

    /// <summary>
    /// Another type of element. Between floating-point types nothing changes: all is computed in
    /// float32 here. Whole numbers would cut fractions off.
    /// </summary>
    public static void Cast(OnnxGraph graph, OnnxNode node)
    {
        DataType to = graph.Type(node, "to");
        bool isFloat = to is DataType.Float or DataType.Double or DataType.Float16
            or DataType.Bfloat16;
        if (graph.IsConstant(node, 0))
        {
            OnnxTensor constant = graph.Constant(node, 0);
            graph.Set(node, Converted(graph, node, constant, to, isFloat));
            return;
        }

        if (!isFloat)
            throw graph.Fail(
                node,
                $"to {to.ToString().ToUpperInvariant()} is not supported: it would cut fractions "
                    + "off (supported: FLOAT, DOUBLE, FLOAT16, BFLOAT16; to quantize, use "
                    + "QuantizeLinear)");
        graph.Set(node, graph.MaybePadded(node, 0));
    }

    /// <summary>Channels, rows and columns into features.</summary>
    public static void Flatten(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        long axis = node.Integer("axis", 1);
        int first = axis == value.Rank ? value.Rank : graph.Axis(node, axis, value.Rank);
        bool isBatch = first > 0 || graph.Batch == 1;
        if (OnnxTensor.CountOf([.. value.Extents.Take(first)]) != 1 || !isBatch)
            throw graph.Fail(
                node, $"axis {axis} of [{Brief.List(value.Extents)}] is not supported (supported: "
                    + "1, behind the batch; 0 of a graph for batches of one)");
        SetFlat(graph, node, value);
    }

    /// <summary>The same elements under other extents.</summary>
    public static void Reshape(OnnxGraph graph, OnnxNode node)
    {
        IReadOnlyList<long> wanted = graph.Integers(node, 1);
        bool keepsZero = node.Integer("allowzero", 0) == 0;
        if (!keepsZero && wanted.Contains(0))
            throw graph.Fail(node, "makes something without elements");
        if (graph.IsConstant(node, 0))
            Reshaped(graph, node, wanted);
        else
            SetShape(graph, node, wanted);
    }

    /// <summary>Takes out dimensions of one element.</summary>
    public static void Squeeze(OnnxGraph graph, OnnxNode node)
    {
        bool isConstant = graph.IsConstant(node, 0);
        IReadOnlyList<long> old = Old(graph, node, isConstant);
        int[]? axes = Axes(graph, node, old.Count);
        if (axes?.FirstOrDefault(a => old[a] != 1, -1) is { } wrong and >= 0)
            throw graph.Fail(node, $"axis {wrong} has {old[wrong]} elements, not one");
        bool isPart = graph.IsBatchSecond(node.Inputs[0]);
        if (isPart && axes is not [0])
            throw graph.Fail(node, "takes out other axes than the first of what moved the batch");
        if (!isConstant && !isPart && axes?.Contains(0) == true)
            throw graph.Fail(node, "takes out the batch (supported: other axes)");
        long[] wanted =
        [
            .. old.Where((e, i) => axes is null
                ? e != 1 || (i == 0 && !isConstant)
                : !axes.Contains(i)),
        ];
        Set(graph, node, isConstant, wanted);
    }

    /// <summary>Puts in dimensions of one element.</summary>
    public static void Unsqueeze(OnnxGraph graph, OnnxNode node)
    {
        bool isConstant = graph.IsConstant(node, 0);
        List<long> wanted = [.. Old(graph, node, isConstant)];
        int more = graph.Integers(node, 1, "axes")?.Count
            ?? throw graph.Fail(node, "has no axes");
        int[] axes = Axes(graph, node, wanted.Count + more)!;
        foreach (int axis in axes.Order())
            wanted.Insert(Math.Min(axis, wanted.Count), 1);
        Set(graph, node, isConstant, [.. wanted]);
    }

    /// <summary>A value as features: in one line, whatever order it had before.</summary>
    public static void SetFlat(OnnxGraph graph, OnnxNode node, OnnxValue value)
    {
        int length = graph.Shape(value).Length;
        graph.Set(node, new OnnxValue(graph.As(node, value, new(length)), [1, length]));
    }

    private static IReadOnlyList<long> Old(OnnxGraph graph, OnnxNode node, bool isConstant) =>
        isConstant ? graph.Constant(node, 0).Shape : graph.Value(node, 0).Extents;

    private static void Set(OnnxGraph graph, OnnxNode node, bool isConstant, long[] extents)
    {
        if (isConstant)
            graph.Set(node, graph.Constant(node, 0) with { Shape = extents, Raw = null });
        else if (extents is [1, _])
            SetFlat(graph, node, graph.Value(node, 0));
        else
            graph.Set(node, graph.Value(node, 0) with { Extents = extents });
    }

    private static void SetShape(OnnxGraph graph, OnnxNode node, IReadOnlyList<long> wanted)
    {
        OnnxValue value = graph.Value(node, 0);
        TensorShape shape = graph.Shape(value);
        if (wanted.Count > 0 && graph.DeclaredBatch > 1 && wanted[0] == graph.DeclaredBatch)
            wanted = [1, .. wanted.Skip(1)];
        long[]? extents = Resolved([.. value.Extents], wanted, shape.Length, isBatched: true);
        if (extents is null || extents is [] || extents[0] != 1)
            throw graph.Fail(
                node,
                $"[{Brief.List(wanted)}] is not supported for [{Brief.List(value.Extents)}] "
                    + "(supported: the same elements of each image, behind the batch)");
        Set(graph, node, isConstant: false, extents);
    }

    private static void Reshaped(OnnxGraph graph, OnnxNode node, IReadOnlyList<long> wanted)
    {
        OnnxTensor tensor = graph.Constant(node, 0);
        long length = OnnxTensor.CountOf(tensor.Shape);
        graph.Set(node, tensor with
        {
            Raw = null,
            Shape = Resolved([.. tensor.Shape], wanted, length, isBatched: false)
                ?? throw graph.Fail(node, $"a constant of {tensor.ShapeText} does not fit"),
        });
    }

    /// <summary>
    /// Extents with 0 (the old one) and -1 (the rest) filled in; null where they do not hold as
    /// much.
    /// </summary>
    private static long[]? Resolved(
        long[] old, IReadOnlyList<long> wanted, long length, bool isBatched)
    {
        long[] extents = [.. wanted.Select((e, i) => e == 0 && i < old.Length ? old[i] : e)];
        long known = OnnxTensor.CountOf([.. extents.Where(e => e != -1)]);
        if (known < 0 || length < 0) return null;
        int rest = Array.IndexOf(extents, -1);
        // Exported with a batch of several images: the first extent is the batch whatever it says.
        bool isBatch = isBatched && rest < 0 && extents.Length > 1 && known != length
            && Sizes.Product(Sizes.MostWeights, length, extents[0]) == known;
        if (isBatch)
            (extents[0], known) = (1, length);
        if (rest >= 0 && known > 0)
            extents[rest] = length / known;
        return OnnxTensor.CountOf(extents) == length ? extents : null;
    }

    private static int[]? Axes(OnnxGraph graph, OnnxNode node, int rank) =>
        graph.Integers(node, 1, "axes") is { } axes
            ? [.. axes.Select(a => graph.Axis(node, a, rank))]
            : null;

    private static OnnxTensor Converted(
        OnnxGraph graph, OnnxNode node, OnnxTensor constant, DataType to, bool isFloat)
    {
        if (constant.Reals is null == !isFloat)
            return constant.Length == 0
                ? throw graph.Fail(node, "a constant of its type is not supported")
                : constant with { Type = to };
        return isFloat
            ? constant with
            {
                Reals = [.. constant.Integers!.Select(i => (float)i)],
                Integers = null,
                Type = to,
            }
            : constant with
            {
                Reals = null,
                Integers = [.. constant.Reals!.Select(r => (long)Math.Clamp(
                    Math.Truncate((double)r), -(double)(1L << 53), 1L << 53))],
                Type = to,
            };
    }
}
