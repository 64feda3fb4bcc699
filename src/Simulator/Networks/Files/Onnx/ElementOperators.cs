using System.Collections.Immutable;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators on each element by itself.</summary>
internal static class ElementOperators
{
    /// <summary>A layer that keeps the shape.</summary>
    public static void Layer(
        OnnxGraph graph, OnnxNode node, Func<ImmutableArray<int>, FloatLayer> create) =>
        graph.AddElementwise(node, graph.Value(node, 0), create);

    /// <summary>A function of each value.</summary>
    public static void Point(
        OnnxGraph graph, OnnxNode node, PointFunction function, double a = 0, double b = 0) =>
        Layer(graph, node, i => new PointLayer(graph.Name(node), i, function, a, b));

    /// <summary>Magnitudes.</summary>
    public static void Abs(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0)) ConstantFolding.Each(graph, node, MathF.Abs);
        else Point(graph, node, PointFunction.Abs);
    }

    /// <summary>Clipping; from 0 on without an upper bound it is a ReLU.</summary>
    public static void Clip(OnnxGraph graph, OnnxNode node)
    {
        float min = Bound(graph, node, 1, "min", float.NegativeInfinity);
        float max = Bound(graph, node, 2, "max", float.PositiveInfinity);
        if (min <= float.MinValue) min = float.NegativeInfinity;
        if (max >= float.MaxValue) max = float.PositiveInfinity;
        if (float.IsNaN(min) || float.IsNaN(max))
            throw graph.Fail(node, "clips to no number");
        // With its bounds the wrong way round everything becomes the upper one.
        min = Math.Min(min, max);
        if (graph.IsConstant(node, 0))
            ConstantFolding.Each(graph, node, v => Math.Min(Math.Max(v, min), max));
        else if (float.IsInfinity(min) && float.IsInfinity(max))
            graph.Set(node, graph.Value(node, 0));
        else if (min == 0 && float.IsInfinity(max))
            Layer(graph, node, i => new ReluLayer(graph.Name(node), i));
        else
            Point(graph, node, PointFunction.Clip, min, max);
    }

    /// <summary>A leaky ReLU with one slope, or one per channel.</summary>
    public static void PRelu(OnnxGraph graph, OnnxNode node)
    {
        float[] slopes = graph.Reals(node, 1);
        if (slopes is [var one])
        {
            Point(graph, node, PointFunction.LeakyRelu, one);
            return;
        }

        // Above 0 as it is; below, the slope times what a clip leaves.
        OnnxValue value = graph.Value(node, 0);
        OnnxValue below = new(
            graph.Add(
                node,
                new PointLayer(
                    graph.Name(node), [value.Tensor], PointFunction.Clip,
                    double.NegativeInfinity, 0)),
            value.Extents);
        OnnxValue scaled = Broadcasting.Scale(
            graph, node, below, graph.Constant(node, 1), c => c, _ => 0);
        int above = graph.Add(node, new ReluLayer(graph.Name(node), [value.Tensor]));
        graph.Add(
            node,
            new AddLayer(
                graph.Name(node),
                [
                    graph.Canonical(node, new(above, value.Extents)),
                    graph.Canonical(node, scaled),
                ]),
            value.Extents);
    }

    /// <summary>Gelu by the error function, or by its approximation with tanh.</summary>
    public static void Gelu(OnnxGraph graph, OnnxNode node)
    {
        string how = node.Text("approximate", "none");
        Point(
            graph, node,
            how switch
            {
                "none" => PointFunction.Gelu,
                "tanh" => PointFunction.GeluTanh,
                _ => throw graph.Fail(
                    node, $"approximate '{Brief.Name(how)}' (supported: none, tanh)"),
            });
    }

    /// <summary>
    /// A softmax at the end is left out: the largest logit stays the largest. Elsewhere it is a
    /// layer, over features.
    /// </summary>
    public static void Softmax(OnnxGraph graph, OnnxNode node) =>
        Softmax(graph, node, graph.Opset < 13);

    /// <summary>The same, by the rules of opset 12 and before or by those since.</summary>
    public static void Softmax(OnnxGraph graph, OnnxNode node, bool isOld)
    {
        OnnxValue whole = graph.Value(node, 0);
        if (!isOld && !IsLast(graph, node) && whole.Rank > 2
            && MatrixOperators.SoftmaxRows(graph, node, whole)) return;
        OnnxValue value = OverClasses(graph, node, isOld);
        if (IsLast(graph, node))
        {
            graph.Set(node, value);
            graph.SetLogits(node.Outputs[0]);
        }
        else
            graph.Add(
                node, MatrixOperators.SoftmaxRow(graph, node, Flat(graph, node, value)),
                value.Extents);
    }

    /// <summary>The same with a logarithm, at the end only.</summary>
    public static void LogSoftmax(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = OverClasses(graph, node, graph.Opset < 13);
        if (!IsLast(graph, node))
            throw graph.Fail(
                node, "is supported as the last node only, where it is left out: attacks want "
                    + "logits");
        graph.Set(node, value);
        graph.SetLogits(node.Outputs[0]);
    }

    /// <summary>Batch normalisation with constant statistics.</summary>
    public static void BatchNormalization(OnnxGraph graph, OnnxNode node)
    {
        OnnxValue value = graph.Value(node, 0);
        int input = graph.Canonical(node, value);
        int channels = graph.Shape(new(input, [])).Channels;
        float[][] parts = [.. Enumerable.Range(1, 4).Select(i => graph.Reals(node, i))];
        if (parts.Any(p => p.Length != channels))
            throw graph.Fail(node, $"its constants do not have {channels} values each");
        float epsilon = node.Real("epsilon", 1e-5f);
        graph.Add(
            node,
            BatchNormLayer.FromStatistics(
                graph.Name(node), [input], parts[0], parts[1], parts[2], parts[3], epsilon) with
            {
                Float32 = SumOrders.OfNorm(graph, node, parts, epsilon),
            },
            value.Extents);
    }

    /// <summary>A sum of two tensors, or of one and a constant.</summary>
    public static void Add(OnnxGraph graph, OnnxNode node)
    {
        if (NormOperators.Sum(graph, node)) return;
        if (graph.HasNumbers && new LayerNormPattern(graph).Of(node) is { } norm)
        {
            LayerNorms.Add(graph, norm, readers: 2);
            return;
        }

        Join(graph, node, ConstantFolding.Add, _ => 1, c => c, PairTypes.Sum(graph, node));
    }

    /// <summary>A sum of any number of tensors.</summary>
    public static void Sum(OnnxGraph graph, OnnxNode node)
    {
        if (node.Inputs.Count == 1)
        {
            ShapeOperators.Same(graph, node);
            return;
        }

        string left = node.Inputs[0];
        for (int i = 1; i < node.Inputs.Count; i++)
        {
            Add(graph, node with { Inputs = [left, node.Inputs[i]] });
            left = node.Outputs[0];
        }
    }

    /// <summary>A difference.</summary>
    public static void Sub(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0) && !graph.IsConstant(node, 1))
            Join(graph, node, ConstantFolding.Subtract, _ => -1, c => c, null);
        else if (graph.IsConstant(node, 1))
            Join(graph, node, ConstantFolding.Subtract, _ => 1, c => -c, null);
        else
        {
            OnnxValue right = graph.Value(node, 1);
            OnnxValue negative = Broadcasting.Negative(graph, node, right);
            Broadcasting.Two(
                graph, node, graph.Value(node, 0), negative, (n, i) => new AddLayer(n, i));
        }
    }

    /// <summary>A product of two tensors, or of one and a constant.</summary>
    public static void Mul(OnnxGraph graph, OnnxNode node)
    {
        if (MatrixFactors.Took(graph, node) || FunctionPatterns.Silu(graph, node)) return;
        if (graph.IsDynamic && new GeluPattern(graph).Of(node) is { } x)
        {
            Point(graph, node with { Inputs = [x] }, PointFunction.Gelu);
            return;
        }

        Join(
            graph, node, ConstantFolding.Multiply, c => c, _ => 0,
            PairTypes.Product(graph, node));
    }

    /// <summary>The same values with the other sign.</summary>
    public static void Neg(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0))
            graph.Set(node, ConstantFolding.Negative(graph.Constant(node, 0)));
        else
            graph.Set(node, Broadcasting.Negative(graph, node, graph.Value(node, 0)));
    }

    /// <summary>
    /// Two constants; <c>scale(c) x + shift(c)</c>, which folds into the layer before like a batch
    /// normalisation; or two tensors.
    /// </summary>
    public static void Join(
        OnnxGraph graph, OnnxNode node, Func<double, double, double> fold,
        Func<double, double> scale, Func<double, double> shift,
        Func<string, ImmutableArray<int>, FloatLayer>? two, bool divides = false)
    {
        bool isFirst = graph.IsConstant(node, 0), isSecond = graph.IsConstant(node, 1);
        if (isFirst && isSecond)
            ConstantFolding.Two(graph, node, fold);
        else if (isFirst || isSecond)
        {
            int constant = isSecond ? 1 : 0;
            OnnxValue value = graph.Value(node, 1 - constant);
            graph.Reals(node, constant);
            if (two is not null && ConstantTensor.IsOperand(graph, node, constant, 1 - constant))
            {
                OnnxValue operand = ConstantTensor.Quantized(
                    graph, node, graph.Constant(node, constant), value);
                Broadcasting.Two(
                    graph, node, isFirst ? operand : value, isFirst ? value : operand, two);
                return;
            }

            graph.Set(
                node,
                Broadcasting.Scale(
                    graph, node, value, graph.Constant(node, constant), scale, shift, divides));
        }
        else if (two is not null)
            Broadcasting.Two(graph, node, graph.Value(node, 0), graph.Value(node, 1), two);
    }

    /// <summary>The input of a softmax, if that is over the one axis that is no batch.</summary>
    private static OnnxValue OverClasses(OnnxGraph graph, OnnxNode node, bool isOld)
    {
        OnnxValue value = graph.Value(node, 0);
        int axis = graph.Axis(node, node.Integer("axis", isOld ? 1 : -1), value.Rank);
        long features = OnnxTensor.CountOf(value.Extents);
        bool isWhole = isOld
            ? axis > 0 && OnnxTensor.CountOf([.. value.Extents.Skip(axis)]) == features
            : axis > 0 && value.Extents[axis] == features;
        return isWhole
            ? value
            : throw graph.Fail(
                node,
                $"axis {axis} of [{Brief.List(value.Extents)}] is not supported (supported: over "
                    + "all values of an image)");
    }

    private static int Flat(OnnxGraph graph, OnnxNode node, OnnxValue value) =>
        graph.As(node, value, new((int)OnnxTensor.CountOf(value.Extents)));

    /// <summary>Whether nothing but names comes between a node and the graph's output.</summary>
    public static bool IsLast(OnnxGraph graph, OnnxNode node)
    {
        string name = node.Outputs[0];
        while (name != graph.Output)
        {
            OnnxNode[] readers = [.. graph.ReadersOf(name).Distinct()];
            if (readers is not [{ Outputs: [var next, ..] } reader]
                || reader.Operator is not ("Identity" or "Cast" or "Squeeze" or "Reshape"
                    or "Flatten" or "QuantizeLinear" or "DequantizeLinear"
                    or "com.microsoft.QuantizeLinear" or "com.microsoft.DequantizeLinear"))
                return false;
            name = next;
        }

        return true;
    }

    private static float Bound(
        OnnxGraph graph, OnnxNode node, int index, string attribute, float none) =>
        OnnxGraph.Has(node, index) ? graph.Real(node, index) : node.Real(attribute, none);
}
