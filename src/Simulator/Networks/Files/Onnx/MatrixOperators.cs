using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Products of matrices that depend on the image: every row of one with a constant matrix, which is
/// a 1x1 convolution; or two of them, as products value by value, each requantized, and sums.
/// </summary>
internal static class MatrixOperators
{
    /// <summary>
    /// A product with a constant matrix, or of two values; of quantized ones both are exact.
    /// </summary>
    public static void MatMul(OnnxGraph graph, OnnxNode node)
    {
        if (!graph.IsConstant(node, 1))
        {
            Two(graph, graph.IsDynamic ? MatrixFactors.Of(graph, node) : new(node, 1));
            return;
        }

        node = FusedNodes.Product(graph, node);
        float factor = 1;
        if (node.Operator == "MatMul" && graph.HasNumbers
            && FloatMacOrders.IsConstant(graph, node, 1))
            (node, factor) = MatrixFactors.Of(graph, node);
        OnnxValue left = graph.Value(node, 0);
        if (left.Rank > 2 && graph.Constant(node, 1).Shape.Count == 2)
            Rows(graph, node, left, factor);
        else if (node.Operator == "Gemm")
            MacOperators.Gemm(graph, node);
        else
            MacOperators.MatMul(graph, node, factor);
    }

    /// <summary>A product of two matrices of integers whose scales each image decides.</summary>
    public static void Integers(OnnxGraph graph, OnnxNode node) =>
        Two(graph, new(node, 1), areIntegers: true);

    /// <summary>A softmax over all values of a tensor.</summary>
    public static SoftmaxLayer SoftmaxRow(OnnxGraph graph, OnnxNode node, int tensor) =>
        new(graph.Name(node), [tensor]) { IsOfNumbers = PairTypes.IsOfNumbers(graph, node) };

    /// <summary>A softmax over one axis of several, a layer for each row.</summary>
    /// <returns>False where it is over all values of an image.</returns>
    public static bool SoftmaxRows(OnnxGraph graph, OnnxNode node, OnnxValue value)
    {
        int axis = graph.Axis(node, node.Integer("axis", -1), value.Rank);
        int length = (int)value.Extents[axis];
        long rows = OnnxTensor.CountOf(value.Extents) / length;
        if (axis == 0 || rows == 1) return false;
        int[] order = [.. Enumerable.Range(0, value.Rank).Where(a => a != axis), axis];
        OnnxValue last = MoveOperators.Transposed(graph, node, value, order);
        int[] parts = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            int first = row * length;
            OnnxValue one = graph.Rearranged(
                node, last, [1, length], [.. Enumerable.Range(first, length)]);
            parts[row] = graph.Add(
                node, SoftmaxRow(graph, node, graph.As(node, one, new(length))));
        }

        int all = graph.Add(node, new ConcatLayer(graph.Name(node), [.. parts]));
        long[] extents = [.. order.Select(a => value.Extents[a])];
        int[] back = [.. Enumerable.Range(0, order.Length).Select(a => Array.IndexOf(order, a))];
        graph.Set(node, MoveOperators.Transposed(graph, node, new(all, extents), back));
        return true;
    }

    /// <summary>
    /// Every row times a constant matrix and a factor; with an addend it is a Gemm of ONNX
    /// Runtime's, which puts all rows together for it and takes them apart again.
    /// </summary>
    private static void Rows(OnnxGraph graph, OnnxNode node, OnnxValue left, float factor)
    {
        bool isGemm = node.Operator == "Gemm";
        if (isGemm) node = FloatWeights.Rounded(graph, node, areMoved: true);
        OnnxTensor weight = graph.Constant(node, 1);
        float[] weights = graph.Reals(node, 1);
        long depth = left.Extents[^1], rows = OnnxTensor.CountOf(left.Extents) / depth;
        if (weight.Shape[0] != depth)
            throw graph.Fail(
                node, $"multiplies [{Brief.List(left.Extents)}] with {weight.ShapeText}");
        int features = graph.Size(node, "outputs", weight.Shape[1]);
        OnnxTensor? bias = isGemm
            ? FloatBias.Rounded(graph, node, features, areMoved: true)
            : null;
        float[] turned =
        [
            .. from o in Enumerable.Range(0, features)
               from i in Enumerable.Range(0, (int)depth)
               select weights[(i * features) + o],
        ];
        OnnxValue columns = MoveOperators.Transposed(
            graph, node, left with { Extents = [1, rows, depth] }, [0, 2, 1]);
        float[] scaled = factor == 1 ? turned : [.. turned.Select(w => factor * w)];
        float[] addends = bias?.Reals ?? new float[features];
        FloatMacOrder? order = isGemm
            ? FloatMacOrders.OfGemm(graph, node, (int)depth, features, rows)
            : FloatMacOrders.OfMatMul(graph, node, factor, rows, (int)depth, features);
        bool isOfNumbers = FloatMacOrders.IsOfNumbers(graph, node, bias);
        OwnWeights? own = factor == 1 ? RawConstant.Weights(weight, turned, 1, bias) : null;
        var layer = new Conv2dLayer(
            graph.Name(node), [graph.Canonical(node, columns)], features, new(), scaled, addends)
        {
            Own = own,
            Numbers = order is not null || own is not null
                ? new(scaled, addends, turned, addends, order)
                {
                    KeepsIntegers = !isOfNumbers,
                    Own = own,
                    IsNeverOfIntegers = isOfNumbers,
                    HasNoSums = PairTypes.HaveNoSums(graph, node, isMoved: isGemm),
                    TakesAddend = !isGemm,
                }
                : null,
        };
        OnnxValue product = new(graph.Add(node, layer), [1, features, rows]);
        graph.Set(node, MoveOperators.Transposed(graph, node, product, [0, 2, 1]) with
        {
            Extents = [.. left.Extents.SkipLast(1), features],
        });
    }

    /// <summary>
    /// [heads, m, k] times [heads, k, n]: each in a shape of its own, [heads k, m, n], multiplied,
    /// and summed over k by a convolution with ones.
    /// </summary>
    private static void Two(
        OnnxGraph graph, MatrixFactors matrices, bool areIntegers = false)
    {
        OnnxNode node = matrices.Node;
        OnnxValue left = graph.Value(node, 0), right = graph.Value(node, 1);
        if (left.Rank < 3 || left.Rank != right.Rank
            || !left.Extents.SkipLast(2).SequenceEqual(right.Extents.SkipLast(2))
            || left.Extents[^1] != right.Extents[^2])
            throw graph.Fail(
                node, $"multiplies [{Brief.List(left.Extents)}] with "
                    + $"[{Brief.List(right.Extents)}] (supported: matrices of as many heads)");
        long heads = OnnxTensor.CountOf([.. left.Extents.SkipLast(2)]);
        (long m, long k, long n) = (left.Extents[^2], left.Extents[^1], right.Extents[^1]);
        long[] wide = [1, heads * k, m, n];
        OnnxValue Wide(OnnxValue value, long rows, long columns, Func<long[], (long, long)> at)
        {
            long[] from = [1, heads, rows, columns];
            return graph.Rearranged(
                node, value, wide, Positions.Sources(graph, node, from, wide, p =>
                {
                    (long row, long column) = at(p);
                    return [0, p[1] / k, row, column];
                }));
        }

        OnnxValue a = Wide(left, m, k, p => (p[2], p[1] % k));
        OnnxValue b = Wide(right, k, n, p => (p[1] % k, p[3]));
        int product = graph.Add(node, new MultiplyLayer(
            graph.Name(node), [graph.Canonical(node, a), graph.Canonical(node, b)]));
        int outputs = graph.Size(node, "heads", heads);
        float[] ones = [.. Enumerable.Repeat(matrices.Factor, (int)(heads * k))];
        int sums = graph.Add(node, new Conv2dLayer(
            graph.Name(node), [product], outputs, new WindowGeometry(Groups: outputs), ones,
            new float[outputs])
        {
            Own = graph.IsDynamic && !areIntegers ? null : new(
                ones, [.. ones.Select(_ => 1)], [.. Enumerable.Repeat(1f, outputs)], 1, false,
                [.. new long[outputs]])
            {
                IsDynamic = areIntegers,
            },
            Products = graph.HasNumbers && !areIntegers
                ? SumOrders.OfMatrices(graph, node, m, (int)k, (int)n, matrices.Factor)
                : null,
        });
        graph.Set(node, new OnnxValue(sums, [.. left.Extents.SkipLast(1), n]));
    }
}
