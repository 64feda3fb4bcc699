namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// What ONNX Runtime (1.31) makes part of a convolution or a product of matrices that stands ahead
/// of it, by default and before it looks at quantizers: constants that are added to each channel or
/// multiplied with it, and batch norms (ConvAddFusion, ConvMulFusion, ConvBNFusion); and an addend
/// of each column, with which a MatMul is a Gemm (MatMulAddFusion). Every operation on constants is
/// one in float32.
/// </summary>
internal static class FusedNodes
{
    /// <summary>A convolution with all that becomes part of it; these nodes are dealt with.
    /// </summary>
    public static OnnxNode Convolution(OnnxGraph graph, OnnxNode node)
    {
        if (node.Operator != "Conv" || !graph.HasNumbers) return node;
        while (Behind(graph, node.Outputs[0]) is var (behind, between)
            && FloatMacOrders.AreConstant(graph, node)
            && graph.Constant(node, 1).Shape is { Count: > 2 } weights
            && (!OnnxGraph.Has(node, 2) || graph.Constant(node, 2).Shape is [var biases]
                && biases == weights[0])
            && Taken(graph, node, behind) is { } taken)
        {
            foreach (OnnxNode dealt in between) graph.SetTaken(dealt);
            graph.SetTaken(behind);
            node = taken;
        }

        return node;
    }

    /// <summary>
    /// The Gemm that a product of matrices and its addend are, with an addend of each column; the
    /// product itself where there is none, or ONNX Runtime does not know the shapes that it needs.
    /// </summary>
    public static OnnxNode Product(OnnxGraph graph, OnnxNode node)
    {
        if (Addend(graph, node) is not var (sum, between, addend)) return node;
        foreach (OnnxNode dealt in between) graph.SetTaken(dealt);
        graph.SetTaken(sum);
        return node with
        {
            Operator = "Gemm",
            Inputs = [node.Inputs[0], node.Inputs[1], addend],
            Outputs = sum.Outputs,
        };
    }

    /// <summary>
    /// Whether a product of matrices becomes a Gemm with another value of the image as its addend,
    /// which is then there before the products are (MatMulAddFusion, GemmSumFusion).
    /// </summary>
    public static bool TakesAnother(OnnxGraph graph, OnnxNode node) =>
        Behind(graph, node.Outputs[0]) is var (sum, _) && sum.Inputs.Count == 2
        && sum.Inputs.All(i => graph.ConstantOf(i) is null)
        && (node.Operator, sum.Operator) switch
        {
            ("MatMul", "Add") => graph.Shapes.Of(node.Inputs[0]) is { Count: 2 },
            ("Gemm", "Sum") => !OnnxGraph.Has(node, 2),
            _ => false,
        };

    private static (OnnxNode Sum, List<OnnxNode> Between, string Addend)? Addend(
        OnnxGraph graph, OnnxNode node)
    {
        if (node.Operator != "MatMul" || !graph.HasNumbers || !graph.IsConstant(node, 1)
            || graph.Constant(node, 1).Shape is not [_, var columns]
            || Behind(graph, node.Outputs[0]) is not var (sum, between)
            || sum.Operator != "Add")
            return null;
        int input = graph.IsConstant(sum, 0) ? 0 : 1;
        if (!FloatMacOrders.IsConstant(graph, sum, input)
            || graph.Constant(sum, input) is not { Reals: not null } constant
            || graph.Shapes.Of(node.Inputs[0]) is not { } rows) return null;
        bool fits = rows.Count == 2
            ? constant.Shape is [var n] ? n == columns
                : constant.Shape is [1, var wide]
                    && (wide == columns || (wide == 1 && rows[0].IsSame(new(1))))
            : rows.All(r => r.IsNumber) && constant.Shape is [var own] && own == columns;
        return fits ? (sum, between, sum.Inputs[input]) : null;
    }

    /// <summary>
    /// The node that alone reads a value, and what does nothing in between; null where there are
    /// several.
    /// </summary>
    public static (OnnxNode Node, List<OnnxNode> Between)? Behind(OnnxGraph graph, string name)
    {
        List<OnnxNode> between = [];
        while (!graph.Outputs.Contains(name)
            && graph.ReadersOf(name).ToArray() is [var reader])
        {
            if (reader.Operator is not ("Identity" or "Dropout")
                || reader.Outputs.Skip(1).Any(graph.IsRead))
                return (reader, between);
            between.Add(reader);
            name = reader.Outputs[0];
        }

        return null;
    }

    /// <summary>The node that makes a value, what does nothing in between left out.</summary>
    public static OnnxNode? Ahead(OnnxGraph graph, string name)
    {
        Dictionary<string, OnnxNode?> ahead = graph.Notes<Found>().Ahead;
        List<string> passed = [];
        OnnxNode? maker;
        while (!ahead.TryGetValue(name, out maker))
        {
            passed.Add(name);
            maker = graph.MakerOf(name);
            if (maker is not { Operator: "Identity" or "Dropout" } || maker.Outputs[0] != name)
                break;
            name = maker.Inputs[0];
        }

        foreach (string value in passed) ahead[value] = maker;
        return maker;
    }

    private sealed class Found
    {
        public Dictionary<string, OnnxNode?> Ahead { get; } = [];
    }

    private static OnnxNode? Taken(OnnxGraph graph, OnnxNode node, OnnxNode behind)
    {
        IEnumerable<int> own = behind.Operator switch
        {
            "Add" or "Mul" => [1],
            "BatchNormalization" => [1, 2, 3, 4],
            _ => [],
        };
        if (!own.Any() || !own.All(i => FloatMacOrders.IsConstant(graph, behind, i))) return null;
        float[] weights = graph.Reals(node, 1);
        float[]? bias = OnnxGraph.Has(node, 2) ? graph.Reals(node, 2) : null;
        IReadOnlyList<long> shape = graph.Constant(node, 1).Shape;
        int filters = (int)shape[0];
        float[]? scales = null;
        if (behind.Operator == "BatchNormalization")
        {
            float[][] parts = [.. own.Select(i => graph.Reals(behind, i))];
            if (parts.Any(p => p.Length != filters) || behind.Outputs.Skip(1).Any(graph.IsRead))
                return null;
            (float[] scale, float[] shift, float[] mean, float[] variance) =
                (parts[0], parts[1], parts[2], parts[3]);
            float epsilon = behind.Real("epsilon", 1e-5f);
            scales = [.. scale.Zip(variance, (s, v) => s / MathF.Sqrt(v + epsilon))];
            bias = [.. scales.Select((s, c) => bias is null
                ? shift[c] - (mean[c] * s)
                : ((bias[c] - mean[c]) * s) + shift[c])];
        }
        else if (PerChannel(graph.Constant(behind, 1), shape, behind.Operator) is { } each)
        {
            if (behind.Operator == "Mul") scales = each;
            bias = scales is null ? [.. each.Select((a, c) => bias is null ? a : bias[c] + a)]
                : bias is null ? null
                : [.. each.Select((s, c) => bias[c] * s)];
        }
        else return null;

        int depth = weights.Length / filters;
        return Replaced(
            graph, node, behind,
            scales is null ? null : [.. weights.Select((w, i) => w * scales[i / depth])], bias);
    }

    /// <summary>
    /// A constant's number for each channel: of one of the shape that this needs beside weights, or
    /// a factor that is one number.
    /// </summary>
    private static float[]? PerChannel(
        OnnxTensor constant, IReadOnlyList<long> weights, string type)
    {
        int filters = (int)weights[0], axis = 1 - (weights.Count - constant.Shape.Count);
        if (type == "Mul" && constant.Shape.Count == 0)
            return [.. Enumerable.Repeat(constant.Reals![0], filters)];
        return axis is 0 or 1
            && constant.Shape.Select((e, i) => e == (i == axis ? filters : 1)).All(b => b)
                ? constant.Reals
                : null;
    }

    private static OnnxNode Replaced(
        OnnxGraph graph, OnnxNode node, OnnxNode behind, float[]? weights, float[]? bias)
    {
        string[] inputs = [.. node.Inputs.Take(2)];
        string name = node.Name;
        if (weights is not null)
        {
            const string Weight = ".weight";
            if (inputs[1].EndsWith(Weight, StringComparison.Ordinal))
                name = inputs[1][..^Weight.Length];
            inputs[1] = Set("weights", weights, graph.Constant(node, 1).Shape);
        }

        if (bias is not null) inputs = [.. inputs, Set("bias", bias, [bias.Length])];
        return node with { Name = name, Inputs = inputs, Outputs = [behind.Outputs[0]] };

        string Set(string part, float[] reals, IReadOnlyList<long> shape)
        {
            string own = $"{behind.Outputs[0]}/{part}/\0";
            graph.Set(behind with { Outputs = [own] }, new OnnxTensor("", shape, reals, null));
            return own;
        }
    }
}
