using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Layers of float32 numbers as ONNX operators, for which ONNX Runtime gives the same bits.
/// </summary>
/// <param name="graph">Where nodes go.</param>
/// <param name="program">The program.</param>
/// <param name="network">The network that it was made from.</param>
/// <param name="values">What writes each tensor; filled.</param>
/// <param name="isFlat">Whether a tensor is [batch, features]; filled.</param>
internal sealed class FloatNodes(
    QdqGraph graph, QuantizedProgram program, FloatNetwork network, string[] values,
    bool[] isFlat)
{
    private readonly FloatUnsaid _unsaid = new(program, network);

    /// <summary>Adds a layer.</summary>
    /// <exception cref="NotSupportedException">ONNX has no way to say it.</exception>
    public void Add(ProgramLayer layer, int tensor)
    {
        if (_unsaid.WhyNot(layer) is { } why)
            throw new NotSupportedException($"layer '{layer.Name}': {why}");
        AddNodes(layer, tensor);
        if (_unsaid.IsBetween(tensor))
            values[tensor] = QdqMoves.Apart(
                graph, values[tensor], $"{layer.Name}/apart", isFlat[tensor], layer.Output.Shape);
    }

    private void AddNodes(ProgramLayer layer, int tensor)
    {
        int from = layer.Inputs[0];
        isFlat[tensor] = isFlat[from];
        switch (layer)
        {
            case FloatDequantizeLayer:
            case FloatAffineLayer when QdqMac.HasScales(program, from):
                values[tensor] = values[from];
                break;
            case ReshapeLayer:
                values[tensor] = graph.Node("Flatten", layer.Name, [values[from]]);
                isFlat[tensor] = true;
                break;
            case Kernels.Datapath.RearrangeLayer moved:
                values[tensor] = QdqMoves.Rearranged(graph, moved, values[from], moved.Name);
                isFlat[tensor] = moved.Output.Shape.Positions == 1;
                break;
            case ClampLayer clamp:
                values[tensor] = Clamped(clamp, values[from]);
                break;
            case FloatAffineLayer affine:
                values[tensor] = Scaled(affine, values[from], isFlat[from]);
                break;
            case FloatPointLayer point:
                values[tensor] = Function(point, values[from]);
                break;
            case MaxPoolLayer or FloatAverageLayer:
                values[tensor] = layer is FloatAverageLayer mean
                    ? DynamicMeans.Add(
                        graph, mean, Image(from), _unsaid.Before(from) is FloatDequantizeLayer)
                    : graph.Node(
                        "MaxPool", layer.Name, [Image(from)],
                        QdqMac.Window(((MaxPoolLayer)layer).Geometry, isPool: true));
                isFlat[tensor] = false;
                break;
            case FloatSoftmaxLayer:
                values[tensor] = graph.Node(
                    "Softmax", layer.Name, [Flat(from)], QdqGraph.I("axis", 1));
                isFlat[tensor] = true;
                break;
            case FloatNormLayer norm:
                values[tensor] = Normed(norm, from);
                isFlat[tensor] = false;
                break;
            case FloatMacLayer mac:
                (values[tensor], isFlat[tensor]) = Summed(mac, from);
                break;
            case FloatResizeLayer resize:
                values[tensor] = Resized(resize, Image(from));
                isFlat[tensor] = false;
                break;
            case FloatProductSumLayer sums:
                values[tensor] = new DynamicMatrices(
                    graph, sums.Name, sums.Output.Shape, sums.Sum.Depth)
                    .Add(sums.Sum, Flat(from), Flat(layer.Inputs[1]));
                isFlat[tensor] = false;
                break;
            default:
                values[tensor] = Joined(layer);
                isFlat[tensor] = layer.Inputs.All(i => isFlat[i]);
                break;
        }
    }

    /// <summary>
    /// An image made larger. ONNX Runtime takes blocks of channels as they lie, but not where the
    /// operator has a fourth input, be it empty.
    /// </summary>
    private string Resized(FloatResizeLayer resize, string value)
    {
        ResizeScale scale = resize.Scale;
        string scales = graph.Reals(
            $"{resize.Name}/scales", [1, 1, scale.Rows, scale.Columns], 4);
        return graph.Node(
            "Resize", resize.Name,
            resize.Order == ResizeOrder.InPairs
                ? [value, "", scales]
                : [value, "", scales, ""],
            QdqGraph.S("mode", "linear"),
            QdqGraph.S(
                "coordinate_transformation_mode", scale.Place switch
                {
                    ResizePlace.HalfPixel => "half_pixel",
                    ResizePlace.Asymmetric => "asymmetric",
                }));
    }

    /// <summary>A tensor as [batch, features].</summary>
    public string Flat(int tensor) => isFlat[tensor]
        ? values[tensor]
        : graph.Once($"{values[tensor]}/row", name => graph.Node(
            "Flatten", name, [values[tensor]]));

    /// <summary>
    /// A tensor as [batch, channels, rows, columns]. Behind a Flatten no pair is moved, which ONNX
    /// Runtime fails at with int8 in the newer opset.
    /// </summary>
    public string Image(int tensor)
    {
        if (!isFlat[tensor]) return values[tensor];
        return graph.Once($"{values[tensor]}/image", name => graph.Node(
            "Reshape", name, [
                graph.Node("Flatten", $"{name}/flat", [values[tensor]]), graph.Integers(
                $"{name}/shape", 0, program.Tensor(tensor).Shape.Channels, 1, 1)]));
    }

    /// <summary>
    /// A norm over rows of [batch, channels, positions]. One whose sum ONNX Runtime took into it is
    /// its own operator of a sum, here with zeros: of others it sums long rows in another order.
    /// </summary>
    private string Normed(FloatNormLayer norm, int from)
    {
        string name = norm.Name;
        TensorShape shape = norm.Output.Shape;
        int count = shape.Positions;
        string rows = graph.Node("Reshape", $"{name}/rows", [
            values[from], graph.Integers($"{name}/rows/shape", 0, shape.Channels, count)]);
        string[] constants =
        [
            graph.Reals(
                $"{name}/scale", [.. norm.Factors.Select(f => OrderedFloat.Value(f))], count),
            graph.Reals(
                $"{name}/bias", [.. norm.Shifts.Select(s => OrderedFloat.Value(s))], count),
        ];
        AttributeProto epsilon = QdqGraph.F("epsilon", OrderedFloat.Value(norm.Norm.Epsilon));
        bool isOwn = norm.Norm.Sum == FloatNorm.OfRow(count);
        string normed = isOwn
            ? graph.Node("LayerNormalization", $"{name}/normed", [rows, .. constants], epsilon)
            : norm.Norm.Sum == FloatNormSum.Lanes
                ? throw new NotSupportedException(
                    $"layer '{name}' sums a short row in lanes, which ONNX Runtime never does")
                : graph.Microsofts(
                    "SkipLayerNormalization", $"{name}/normed",
                    [
                        rows,
                        graph.Reals(
                            $"{name}/zeros", new float[shape.Length], 1, shape.Channels, count),
                        .. constants,
                    ],
                    epsilon);
        return graph.Node("Reshape", name, [
            normed,
            graph.Integers($"{name}/shape", 0, shape.Channels, shape.Rows, shape.Columns)]);
    }

    /// <summary>A convolution or dense layer that ONNX Runtime takes nothing else into.</summary>
    private (string Value, bool IsFlat) Summed(FloatMacLayer mac, int from)
    {
        int tensor = Array.IndexOf([.. program.Layers], mac) + 1;
        ProgramLayer[] readers = [.. program.Layers.Where(l => l.Inputs.Contains(tensor))];
        (string value, bool isLine) = new FloatMacNodes(graph, mac, _unsaid.Own(mac))
            .Add(isFlat[from], () => Flat(from), () => Image(from));
        return (
            readers is [FloatAddLayer or FloatAffineLayer]
                ? QdqMoves.Apart(
                    graph, value, $"{mac.Name}/apart", isLine, mac.Output.Shape)
                : value,
            isLine);
    }

    private string Clamped(ClampLayer clamp, string value) =>
        clamp is { Min: 0, Max: >= OrderedFloat.Largest }
            ? graph.Node("Relu", clamp.Name, [value])
            : graph.Node("Clip", clamp.Name, [
                value,
                graph.Reals($"{clamp.Name}/min", [OrderedFloat.Value(clamp.Min)]),
                graph.Reals($"{clamp.Name}/max", [OrderedFloat.Value(clamp.Max)]),
            ]);

    /// <summary>A product or quotient, and a sum, where they change anything.</summary>
    private string Scaled(FloatAffineLayer layer, string value, bool isFlat)
    {
        float[] factors = [.. layer.Factors.Select(f => OrderedFloat.Value(f))];
        float[] shifts = [.. layer.Shifts.Select(s => OrderedFloat.Value(s))];
        long[] per = isFlat ? [factors.Length] : [factors.Length, 1, 1];
        // One factor per channel is a convolution to ONNX Runtime behind a pool, one number is not;
        // behind a product of matrices one number becomes the product's.
        bool isOfProduct = layer.Inputs[0] > 0
            && program.Layers[layer.Inputs[0] - 1] is FloatProductSumLayer
            && program.Layers.Sum(l => l.Inputs.Count(i => i == layer.Inputs[0])) == 1;
        if (isOfProduct && factors is [not 1])
        {
            isOfProduct = false;
            value = QdqMoves.Apart(
                graph, value, $"{layer.Name}/apart", isFlat, layer.Output.Shape);
        }

        bool isOne = !isOfProduct && factors.All(f => f == factors[0]);
        // What changes nothing may still end ONNX Runtime's blocks of channels ahead of a mean.
        bool adds = shifts.Any(s => s != 0)
            || (factors.All(f => f == 1) && factors.Length > 1 && !isFlat);
        string scaled = factors.All(f => f == 1)
            ? value
            : graph.Node(
                layer.Scaling == FloatScaling.Quotient ? "Div" : "Mul",
                adds ? $"{layer.Name}/scaled" : layer.Name,
                [
                    value,
                    isOne
                        ? graph.Reals($"{layer.Name}/factor", [factors[0]])
                        : graph.Reals($"{layer.Name}/factor", factors, per),
                ]);
        return adds
            ? graph.Node(
                "Add", layer.Name, [scaled, graph.Reals($"{layer.Name}/shift", shifts, per)])
            : scaled;
    }

    private string Function(FloatPointLayer point, string value)
    {
        float a = OrderedFloat.Value(point.A), b = OrderedFloat.Value(point.B);
        string name = point.Name;
        return point.Function switch
        {
            FloatFunction.Tanh => graph.Node("Tanh", name, [value]),
            FloatFunction.Sigmoid => graph.Node("Sigmoid", name, [value]),
            FloatFunction.Erf => graph.Node("Erf", name, [value]),
            FloatFunction.SquareRoot => graph.Node("Sqrt", name, [value]),
            FloatFunction.LeakyRelu => graph.Node(
                "LeakyRelu", name, [value], QdqGraph.F("alpha", a)),
            FloatFunction.Elu => graph.Node("Elu", name, [value], QdqGraph.F("alpha", a)),
            FloatFunction.HardSigmoid => graph.Node(
                "HardSigmoid", name, [value], QdqGraph.F("alpha", a), QdqGraph.F("beta", b)),
            // ONNX's own Gelu would need an opset that sums windows in another order.
            FloatFunction.Gelu => graph.Microsofts("Gelu", name, [value]),
            FloatFunction.GeluTanh => graph.Microsofts("FastGelu", name, [value]),
        };
    }

    /// <summary>Layers of several tensors, all of them flat or none.</summary>
    private string Joined(ProgramLayer layer)
    {
        bool areFlat = layer.Inputs.All(i => isFlat[i]);
        string[] inputs = [.. layer.Inputs.Select(i => areFlat ? values[i] : Image(i))];
        return layer switch
        {
            FloatAddLayer => graph.Node("Add", layer.Name, inputs),
            FloatMultiplyLayer => graph.Node("Mul", layer.Name, inputs),
            FloatDivideLayer => graph.Node("Div", layer.Name, inputs),
            Kernels.Datapath.ConcatLayer => graph.Node(
                "Concat", layer.Name, inputs, QdqGraph.I("axis", 1)),
            _ => throw new NotSupportedException(
                $"layer '{layer.Name}': ONNX has no operator for it (supported: .npz)"),
        };
    }
}
