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
                if ((isGemm ? Gemm(flat, isConstant) ?? Untransposed(flat, isConstant)
                    : Convolution(image, isConstant) ?? Rows(image, isConstant)
                        ?? Transposed(image, isConstant)) is { } made)
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
                [value(), Weights(isConstant, [_channels, _depth]), Bias()],
                QdqGraph.I("transB", 1), QdqGraph.F("alpha", alpha));
    }

    /// <summary>
    /// One row times a matrix that is made of integers and is not turned, its sums behind a clamp
    /// that keeps ONNX Runtime from making blocks of bits of the matrix.
    /// </summary>
    private string? Untransposed(Func<string> value, bool isConstant)
    {
        if (isConstant || _window != new WindowGeometry() || layer.Input.Positions != 1
            || FloatMacOrders.OfIntegers(_depth, _channels, 1) is not { } order || IsOther(order))
            return null;
        return graph.Node("Clip", layer.Name, [graph.Node(
            "Gemm", $"{layer.Name}/sums", [value(), Matrix(isConstant), Bias()])]);
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
                            isConstant,
                            [
                                _channels, layer.Sum.Channels, _window.KernelRows,
                                _window.KernelColumns,
                            ]),
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
                        isConstant, [_channels, layer.Sum.Channels, _window.KernelColumns]),
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
        bool isProduct = order is { } known && !IsOther(known) && (!hasBias || isConstant);
        float factor = OrderedFloat.Value(layer.Order.Factor);
        if (_window != new WindowGeometry() || !(isProduct || (isConstant && !IsOther(
            FloatMacOrders.Gemm(isConstant, factor, 1, _depth, _channels)))))
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
        string sums = isProduct
            ? Product(Shaped("in", picked, positions, channels), isConstant, hasBias)
            : OneGemm(picked, positions, factor);
        string columns = graph.Node(
            "Transpose", $"{layer.Name}/columns", [sums], QdqGraph.Is("perm", 0, 2, 1));
        return Shaped("", columns, to.Channels, to.Rows, to.Columns);
    }

    /// <summary>Rows times the matrix, a factor and an addend behind it.</summary>
    private string Product(string rows, bool isConstant, bool hasBias)
    {
        string sums = graph.Node("MatMul", $"{layer.Name}/rows", [rows, Matrix(isConstant)]);
        // A clamp keeps ONNX Runtime from making blocks of bits of the matrix.
        if (!isConstant) sums = graph.Node("Clip", $"{layer.Name}/sums", [sums]);
        else if (layer.Order.Factor != FloatMacOrder.One)
            sums = graph.Node("Mul", $"{layer.Name}/scaled", [
                sums,
                graph.Reals($"{layer.Name}/factor", [OrderedFloat.Value(layer.Order.Factor)]),
            ]);
        return hasBias
            ? graph.Node("Add", $"{layer.Name}/sums", [sums, Bias()])
            : sums;
    }

    /// <summary>All images' rows as those of one matrix, whose sums begin with the bias.</summary>
    private string OneGemm(string picked, int positions, float factor)
    {
        string sums = graph.Node(
            "Gemm", $"{layer.Name}/rows",
            [
                graph.Node("Reshape", $"{layer.Name}/in", [
                    picked, graph.Integers($"{layer.Name}/inshape", -1, layer.Input.Channels)]),
                Matrix(isConstant: true), Bias(),
            ],
            QdqGraph.F("alpha", factor));
        return graph.Node("Reshape", $"{layer.Name}/sums", [
            sums, graph.Integers($"{layer.Name}/sumsshape", -1, positions, _channels)]);
    }

    /// <summary>
    /// A transposed convolution without strides, over an image that has its zeros already.
    /// </summary>
    private string? Transposed(Func<string> value, bool isConstant)
    {
        WindowGeometry w = _window;
        int channels = layer.Input.Channels, filters = _channels / w.Groups;
        int taps = w.KernelRows * w.KernelColumns, depth = layer.Sum.Channels;
        int rows = w.DilationRows * (w.KernelRows - 1);
        int columns = w.DilationColumns * (w.KernelColumns - 1);
        bool areAlike = w.Groups == 1 || own?.Scales.Distinct().Count() == 1;
        if ((w.StrideRows, w.StrideColumns) != (1, 1) || w.HasPadding
            || (!isConstant && !areAlike)
            || FloatMacOrders.Transposed(
                !isConstant, depth, layer.Input.Positions, (long)filters * taps)
                is not { } sums
            || IsOther(sums))
            return null;
        long[] shape = [channels, filters, w.KernelRows, w.KernelColumns];
        int[] order =
        [
            .. from channel in Enumerable.Range(0, channels)
               from filter in Enumerable.Range(0, filters)
               from tap in Enumerable.Range(0, taps)
               let output = (channel / depth * filters) + filter
               select (((output * depth) + (channel % depth)) * taps) + taps - 1 - tap,
        ];
        return graph.Node(
            "ConvTranspose", layer.Name,
            [value(), Weights(isConstant, shape, order, axis: 1), Bias()],
            QdqGraph.Is("kernel_shape", w.KernelRows, w.KernelColumns),
            QdqGraph.Is("dilations", w.DilationRows, w.DilationColumns),
            QdqGraph.Is("pads", rows, columns, rows, columns), QdqGraph.I("group", w.Groups));
    }

    /// <summary>Weights turned.</summary>
    private string Matrix(bool isConstant) => Weights(
        isConstant, [_depth, _channels],
        [
            .. Enumerable.Range(0, layer.Weights.Length)
                .Select(i => (i % _channels * _depth) + (i / _channels)),
        ],
        axis: 1);

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
    /// <param name="isConstant">Which.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="order">Where each is found; null where they are.</param>
    /// <param name="axis">The axis of output channels.</param>
    private string Weights(bool isConstant, long[] shape, int[]? order = null, int axis = 0)
    {
        string name = $"{layer.Name}/weight";
        order ??= [.. Enumerable.Range(0, layer.Weights.Length)];
        return isConstant
            ? graph.Reals(
                name, [.. order.Select(i => OrderedFloat.Value(layer.Weights[i]))], shape)
            : graph.Dequantized(
                name,
                graph.Raw(
                    $"{name}/raw", [.. order.Select(i => (long)own!.Raw[i])], own!.Bits,
                    own.IsSigned, shape),
                [.. own.Scales], axis: axis);
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
