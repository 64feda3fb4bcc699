using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Convolutions and dense layers of float32 numbers as the operators of which ONNX Runtime sums in
/// their order (<see cref="FloatMacOrders"/>).
/// </summary>
/// <param name="graph">Where its nodes go.</param>
/// <param name="layer">The layer.</param>
/// <param name="own">The integers that its weights are; null where they are none.</param>
internal sealed class FloatMacNodes(QdqGraph graph, FloatMacLayer layer, OwnWeights? own)
{
    private readonly WindowGeometry _window = layer.Geometry;
    private readonly int _channels = layer.Output.Shape.Channels;
    private readonly int _depth = layer.Sum.Depth;
    private readonly float[] _bias = [.. layer.Bias.Select(b => OrderedFloat.Value(b))];

    /// <summary>
    /// Adds the nodes; what the last of them writes, and whether that is [batch, features].
    /// </summary>
    /// <param name="isFlat">Whether what it reads is that.</param>
    /// <param name="flat">That, flat.</param>
    /// <param name="image">That, as an image.</param>
    /// <exception cref="NotSupportedException">No operator sums so.</exception>
    public (string Value, bool IsFlat) Add(bool isFlat, Func<string> flat, Func<string> image)
    {
        bool[] forms = isFlat ? [true, false] : [false, true];
        bool[] kinds = own is null ? [true] : [true, false];
        foreach (bool isGemm in forms)
            foreach (bool isConstant in kinds)
                if ((isGemm ? Gemm(flat, isConstant)
                    : Convolution(image, isConstant) ?? Rows(image, isConstant)) is { } made)
                    return (made, isGemm);
        throw new NotSupportedException(
            $"layer '{layer.Name}': no ONNX operator of float32 numbers is summed in its order by "
                + "ONNX Runtime (supported: .npz)");
    }

    private string? Gemm(Func<string> value, bool isConstant)
    {
        if (_window != new WindowGeometry() || layer.Input.Positions != 1) return null;
        float alpha = OrderedFloat.Value(layer.Order.Factor);
        return IsOther(FloatMacOrders.Gemm(isConstant, alpha, 1, _depth, _channels))
            ? null
            : graph.Node(
                "Gemm", layer.Name,
                [value(), Weights(isConstant, _channels, _depth), Bias()],
                QdqGraph.I("transB", 1), QdqGraph.F("alpha", alpha));
    }

    private string? Convolution(Func<string> value, bool isConstant)
    {
        TensorShape from = layer.Input, to = layer.Output.Shape;
        bool isLine = from.Rows == 1
            && _window with { StrideRows = 1, DilationRows = 1 } is
            { KernelRows: 1, PadTop: 0, PadBottom: 0 };
        int[] ranks = isLine ? [4, 3] : [4];
        foreach (int rank in ranks)
        {
            if (IsOther(FloatMacOrders.Convolution(isConstant, rank, _window, from, _channels)))
                continue;
            if (rank == 4)
                return graph.Node(
                    "Conv", layer.Name,
                    [
                        value(),
                        Weights(
                            isConstant, _channels, layer.Sum.Channels, _window.KernelRows,
                            _window.KernelColumns),
                        Bias(),
                    ],
                    QdqMac.Window(_window, isPool: false));
            string sums = graph.Node(
                "Conv", $"{layer.Name}/line",
                [
                    Shaped(
                        "in", graph.Node("Flatten", $"{layer.Name}/flat", [value()]),
                        from.Channels, from.Columns),
                    Weights(
                        isConstant, _channels, layer.Sum.Channels, _window.KernelColumns),
                    Bias(),
                ],
                Line());
            return Shaped("", sums, to.Channels, to.Rows, to.Columns);
        }

        return null;
    }

    /// <summary>Every position's channels as a row, times one matrix.</summary>
    private string? Rows(Func<string> value, bool isConstant)
    {
        TensorShape from = layer.Input, to = layer.Output.Shape;
        int positions = from.Positions, channels = from.Channels;
        FloatMacOrder? order = isConstant
            ? FloatMacOrders.Product with { Factor = layer.Order.Factor }
            : FloatMacOrders.OfIntegers(_depth, _channels, positions);
        bool hasBias = _bias.Any(b => b != 0);
        if (_window != new WindowGeometry() || order is not { } known || IsOther(known)
            || (hasBias && !isConstant))
            return null;
        string line = graph.Node("Flatten", $"{layer.Name}/flat", [value()]);
        string picked = graph.Node("Gather", $"{layer.Name}/picked", [
            line,
            graph.Integers(
                $"{layer.Name}/sources",
                [
                    .. from p in Enumerable.Range(0, positions)
                       from c in Enumerable.Range(0, channels)
                       select ((long)c * positions) + p,
                ]),
        ], QdqGraph.I("axis", 1));
        string sums = graph.Node("MatMul", $"{layer.Name}/rows", [
            Shaped("in", picked, positions, channels),
            Matrix(isConstant),
        ]);
        // A clamp keeps ONNX Runtime from making blocks of bits of the matrix.
        if (!isConstant) sums = graph.Node("Clip", $"{layer.Name}/sums", [sums]);
        else if (layer.Order.Factor != FloatMacOrder.One)
            sums = graph.Node("Mul", $"{layer.Name}/scaled", [
                sums,
                graph.Reals($"{layer.Name}/factor", [OrderedFloat.Value(layer.Order.Factor)]),
            ]);
        if (hasBias)
            sums = graph.Node("Add", $"{layer.Name}/sums", [sums, Bias()]);
        string columns = graph.Node(
            "Transpose", $"{layer.Name}/columns", [sums], QdqGraph.Is("perm", 0, 2, 1));
        return Shaped("", columns, to.Channels, to.Rows, to.Columns);
    }

    /// <summary>Weights turned, as numbers or made of their integers each time.</summary>
    private string Matrix(bool isConstant)
    {
        string name = $"{layer.Name}/weight";
        T[] Turned<T>(Func<int, T> weight) => [.. Enumerable.Range(0, layer.Weights.Length)
            .Select(i => weight((i % _channels * _depth) + (i / _channels)))];
        return isConstant
            ? graph.Reals(
                name, Turned(i => OrderedFloat.Value(layer.Weights[i])), _depth, _channels)
            : graph.Dequantized(
                name,
                graph.Raw(
                    $"{name}/raw", Turned(i => (long)own!.Raw[i]), own!.Bits, own.IsSigned,
                    _depth, _channels),
                [.. own.Scales], axis: 1);
    }

    /// <summary>Whether another order would give other sums.</summary>
    private bool IsOther(FloatMacOrder order) => Plain(order) != Plain(layer.Order);

    /// <summary>The order, what makes no difference here left out.</summary>
    private FloatMacOrder Plain(FloatMacOrder order)
    {
        bool isWhole = order.Products == FloatProductOrder.Fused && _depth <= order.Together;
        int taps = _window.KernelRows * _window.KernelColumns;
        bool isFirst = order.Bias == FloatBiasPlace.First && _bias.Any(b => b != 0)
            && !(isWhole && order.Factor == FloatMacOrder.One);
        return order with
        {
            Together = isWhole || order.Products != FloatProductOrder.Fused
                ? _depth
                : order.Together,
            Block = taps == 1 || layer.Sum.Channels == 1 ? 1
                : Math.Min(order.Block, layer.Sum.Channels),
            Taps = taps == 1 ? FloatTapOrder.Forward : order.Taps,
            Bias = isFirst ? FloatBiasPlace.First : FloatBiasPlace.Last,
        };
    }

    private string Bias() => graph.Reals($"{layer.Name}/bias", _bias, _channels);

    /// <summary>Weights as numbers, or made of their integers each time.</summary>
    private string Weights(bool isConstant, params long[] shape)
    {
        string name = $"{layer.Name}/weight";
        return isConstant
            ? graph.Reals(name, [.. layer.Weights.Select(w => OrderedFloat.Value(w))], shape)
            : graph.Dequantized(
                name,
                graph.Raw(
                    $"{name}/raw", [.. own!.Raw.Select(r => (long)r)], own.Bits, own.IsSigned,
                    shape),
                [.. own.Scales]);
    }

    private AttributeProto[] Line() =>
    [
        QdqGraph.Is("kernel_shape", _window.KernelColumns),
        QdqGraph.Is("strides", _window.StrideColumns),
        QdqGraph.Is("pads", _window.PadLeft, _window.PadRight),
        QdqGraph.Is("dilations", _window.DilationColumns), QdqGraph.I("group", _window.Groups),
    ];

    private string Shaped(string part, string value, params long[] extents)
    {
        string name = part.Length > 0 ? $"{layer.Name}/{part}" : layer.Name;
        return graph.Node("Reshape", name, [
            value, graph.Integers($"{layer.Name}/{part}shape", [0, .. extents])]);
    }
}
