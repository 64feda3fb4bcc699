using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Tests.Networks.Files.Oracle.GraphBuilder;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>The steps: products, functions and pools.</summary>
internal sealed partial class RandomGraph
{
    private static readonly Dictionary<string, Func<RandomGraph, Value, bool>> Steps = new()
    {
        ["Conv"] = (g, v) => g.Conv(v),
        ["ConvTranspose"] = (g, v) => g.ConvTranspose(v),
        ["Gemm"] = (g, v) => g.Gemm(v),
        ["MatMul"] = (g, v) => g.MatMul(v),
        ["Relu"] = (g, v) => g.Keep(v, "Relu"),
        ["Sigmoid"] = (g, v) => g.Keep(v, "Sigmoid"),
        ["Tanh"] = (g, v) => g.Keep(v, "Tanh"),
        ["Erf"] = (g, v) => g.Opset >= 9 && g.Keep(v, "Erf"),
        ["Softplus"] = (g, v) => g.Keep(v, "Softplus"),
        ["Softsign"] = (g, v) => g.Keep(v, "Softsign"),
        ["Abs"] = (g, v) => g.Keep(v, "Abs"),
        ["Neg"] = (g, v) => g.Keep(v, "Neg"),
        ["Identity"] = (g, v) => g.Keep(v, "Identity"),
        ["HardSwish"] = (g, v) => g.Opset >= 14 && g.Keep(v, "HardSwish"),
        ["Mish"] = (g, v) => g.Opset >= 18 && g.Keep(v, "Mish"),
        ["LeakyRelu"] = (g, v) => g.Keep(v, "LeakyRelu", g.Maybe(F("alpha", 0.2f))),
        ["Elu"] = (g, v) => g.Keep(v, "Elu", g.Maybe(F("alpha", 0.7f))),
        ["Selu"] = (g, v) => g.Keep(v, "Selu", g.Maybe(F("alpha", 1.5f), F("gamma", 0.9f))),
        ["Celu"] = (g, v) => g.Opset >= 12 && g.Keep(v, "Celu", g.Maybe(F("alpha", 0.6f))),
        ["ThresholdedRelu"] = (g, v) => g.Opset >= 10
            && g.Keep(v, "ThresholdedRelu", g.Maybe(F("alpha", 0.1f))),
        ["HardSigmoid"] = (g, v) =>
            g.Keep(v, "HardSigmoid", g.Maybe(F("alpha", 0.3f), F("beta", 0.4f))),
        ["Gelu"] = (g, v) => g.Opset >= 20
            && g.Keep(v, "Gelu", g.Maybe(S("approximate", g.Of("none", "tanh")))),
        ["Clip"] = (g, v) => g.Clip(v),
        ["PRelu"] = (g, v) => g.PRelu(v),
        ["BatchNormalization"] = (g, v) => g.BatchNormalization(v),
        ["Add"] = (g, v) => g.Join(v, "Add"),
        ["Sub"] = (g, v) => g.Join(v, "Sub"),
        ["Mul"] = (g, v) => g.Join(v, "Mul"),
        ["Div"] = (g, v) => g.Join(v, "Div"),
        ["Sum"] = (g, v) => g.Sum(v),
        ["Softmax"] = (g, v) => v.Rank == 2 && g.Keep(v, "Softmax", g.Maybe(I("axis", 1))),
        ["Dropout"] = (g, v) => g.Keep(
            v, "Dropout", g.Opset < 12 ? g.Maybe(F("ratio", 0.3f)) : g.Maybe(I("seed", 3))),
        ["Cast"] = (g, v) => g.Keep(v, "Cast", I("to", 1)),
        ["MaxPool"] = (g, v) => g.Pool(v, "MaxPool"),
        ["AveragePool"] = (g, v) => g.Pool(v, "AveragePool"),
        ["GlobalMaxPool"] = (g, v) => g.Global(v, "GlobalMaxPool"),
        ["GlobalAveragePool"] = (g, v) => g.Global(v, "GlobalAveragePool"),
        ["ReduceMean"] = (g, v) => g.Reduce(v, "ReduceMean", 18),
        ["ReduceMax"] = (g, v) => g.Reduce(v, "ReduceMax", 18),
        ["ReduceSum"] = (g, v) => g.Reduce(v, "ReduceSum", 13),
        ["ReduceL2"] = (g, v) => g.Reduce(v, "ReduceL2", 18),
        ["ReduceSumSquare"] = (g, v) => g.Reduce(v, "ReduceSumSquare", 18),
        ["Flatten"] = (g, v) => g.Flatten(v),
        ["Reshape"] = (g, v) => g.Reshape(v),
        ["Squeeze"] = (g, v) => g.Squeeze(v),
        ["Unsqueeze"] = (g, v) => g.Unsqueeze(v),
        ["Transpose"] = (g, v) => g.Transpose(v),
        ["Concat"] = (g, v) => g.Concat(v),
        ["Split"] = (g, v) => g.Split(v),
        ["Pad"] = (g, v) => g.Pad(v),
        ["Slice"] = (g, v) => g.Slice(v),
        ["Gather"] = (g, v) => g.Gather(v),
        ["Expand"] = (g, v) => g.Expand(v),
        ["Tile"] = (g, v) => g.Tile(v),
        ["DepthToSpace"] = (g, v) => g.DepthToSpace(v),
        ["SpaceToDepth"] = (g, v) => g.SpaceToDepth(v),
        ["Resize"] = (g, v) => g.Resize(v),
        ["Shape"] = (g, v) => g.ShapeArithmetic(v),
        ["Sqrt"] = (g, v) => g.OfPositive(v, "Sqrt"),
        ["Reciprocal"] = (g, v) => g.OfPositive(v, "Reciprocal"),
        ["Pow"] = (g, v) => g.Pow(v),
        ["Quotient"] = (g, v) => g.Quotient(v),
        ["LayerNormalization"] = (g, v) => g.LayerNormalization(v),
        ["InstanceNormalization"] = (g, v) => g.InstanceNormalization(v),
        ["SoftmaxOfAnAxis"] = (g, v) => g.SoftmaxOfAnAxis(v),
        ["Product"] = (g, v) => g.Product(v),
        ["Bilinear"] = (g, v) => g.Bilinear(v),
        ["Where"] = (g, v) => g.ExpandWhere(v),
    };

    private bool Conv(Value v)
    {
        if (v.Rank is not (3 or 4)) return false;
        int groups = Chance(0.3) ? (int)v.Extents[1] : 1;
        int outputs = groups * Between(1, 3);
        if (Window(v, isPool: false) is not { } w) return false;
        long[] shape = [outputs, v.Extents[1] / groups, .. w.Kernel];
        string[] inputs = [v.Name, Graph.Reals(Numbers(Count(shape)), shape)];
        if (Chance(0.6)) inputs = [.. inputs, Graph.Reals(Numbers(outputs), outputs)];
        AttributeProto[] attributes = [.. w.Attributes];
        if (groups > 1) attributes = [.. attributes, I("group", groups)];
        if (Chance(0.5)) attributes = [.. attributes, Is("kernel_shape", w.Kernel)];
        return Add(new(
            Graph.Node("Conv", inputs, attributes), [1, outputs, .. w.Extents]));
    }

    private bool ConvTranspose(Value v)
    {
        if (v.Rank is not (3 or 4)) return false;
        int n = v.Rank - 2, groups = Chance(0.3) ? (int)v.Extents[1] : 1, filters = Between(1, 3);
        long[] Each(int low, int high) => [.. Enumerable.Range(0, n).Select(
            _ => (long)Between(low, high))];
        long[] kernel = Each(1, 3), strides = Each(1, 3), dilations = Each(1, 2);
        long[] before = [.. kernel.Select(k => (long)Between(0, (int)k - 1))];
        long[] after = [.. kernel.Select(k => (long)Between(0, (int)k - 1))];
        long[] more = [.. strides.Select(s =>
            (long)Between(0, (int)s - 1))];
        long[] to = [.. Enumerable.Range(0, n).Select(a => ((v.Extents[a + 2] - 1) * strides[a])
            + (dilations[a] * (kernel[a] - 1)) + 1 + more[a] - before[a] - after[a])];
        if (to.Any(e => e is < 1 or > 30)) return false;
        long[] shape = [v.Extents[1], filters, .. kernel];
        string[] inputs = [v.Name, Graph.Reals(Numbers(Count(shape)), shape)];
        if (Chance(0.6))
            inputs = [.. inputs, Graph.Reals(Numbers(filters * groups), filters * groups)];
        return Add(new(
            Graph.Node(
                "ConvTranspose", inputs, Is("strides", strides), Is("dilations", dilations),
                Is("pads", [.. before, .. after]), Is("output_padding", more),
                I("group", groups)),
            [1, filters * groups, .. to]));
    }

    private bool Gemm(Value v)
    {
        if (v.Rank != 2) return false;
        long depth = v.Extents[1], outputs = Between(1, 9);
        bool isTransposed = Chance(0.5);
        long[] shape = isTransposed ? [outputs, depth] : [depth, outputs];
        string[] inputs = [v.Name, Graph.Reals(Numbers(Count(shape)), shape)];
        long[]? bias = Between(0, 3) switch
        {
            0 when Opset >= 11 => null,
            1 => [],
            2 => [1, outputs],
            _ => [outputs],
        };
        if (bias is not null) inputs = [.. inputs, Graph.Reals(Numbers(Count(bias)), bias)];
        AttributeProto[] attributes =
            [.. Maybe(F("alpha", 0.5f), F("beta", 2)), .. isTransposed ? [I("transB", 1)]
                : Maybe(I("transA", 0))];
        return Add(new(Graph.Node("Gemm", inputs, attributes), [1, outputs]));
    }

    private bool MatMul(Value v)
    {
        if (v.Rank != 2) return false;
        long outputs = Between(1, 9);
        string weight = Graph.Reals(Numbers(v.Extents[1] * outputs), v.Extents[1], outputs);
        return Add(new(Graph.Node("MatMul", [v.Name, weight]), [1, outputs]));
    }

    private bool Clip(Value v)
    {
        (float low, float high) = Of((0f, 6f), (-0.5f, 0.25f), (0f, 0.3f));
        bool hasLow = Chance(0.8), hasHigh = Chance(0.8);
        if (Opset < 11)
            return Keep(
                v, "Clip",
                [.. hasLow ? [F("min", low)] : NoAttributes,
                    .. hasHigh ? [F("max", high)] : NoAttributes]);
        string[] inputs = [v.Name, hasLow ? Graph.Real(low) : "",
            .. hasHigh ? new[] { Graph.Real(high) } : []];
        return Add(new(Graph.Node("Clip", inputs), v.Extents));
    }

    private static readonly AttributeProto[] NoAttributes = [];

    private bool PRelu(Value v)
    {
        long[] shape = Chance(0.5) || v.Rank == 2
            ? [1]
            : [v.Extents[1], .. Enumerable.Repeat(1L, v.Rank - 2)];
        string slope = Graph.Reals(Numbers(Count(shape)), shape);
        return Add(new(Graph.Node("PRelu", [v.Name, slope]), v.Extents));
    }

    private bool BatchNormalization(Value v)
    {
        if (v.Rank < 2) return false;
        long c = v.Extents[1];
        string[] inputs =
        [
            v.Name, Graph.Reals(Numbers(c), c), Graph.Reals(Numbers(c), c),
            Graph.Reals(Numbers(c), c),
            Graph.Reals([.. Numbers(c).Select(n => Math.Abs(n) + 0.1f)], c),
        ];
        AttributeProto[] old = Opset < 9 && Chance(0.5) ? [I("spatial", 1)] : [];
        return Add(new(
            Graph.Node(
                "BatchNormalization", inputs,
                [.. old, .. Maybe(F("epsilon", 1e-3f), F("momentum", 0.8f))]),
            v.Extents));
    }

    /// <summary>Two tensors that meet, or a tensor and a constant, in either order.</summary>
    private bool Join(Value v, string type)
    {
        Value[] alike = [.. _values.Where(o => Meet(o.Extents, v.Extents) is not null)];
        if (type != "Div" && Chance(0.4) && alike.Length > 0)
        {
            Value other = alike[_random.Next(alike.Length)];
            bool isSwapped = Chance(0.5);
            return Add(new(
                Graph.Node(type, isSwapped ? [other.Name, v.Name] : [v.Name, other.Name]),
                Meet(other.Extents, v.Extents)!));
        }

        long[] shape = Between(0, 3) switch
        {
            0 => [],
            1 => [1, v.Extents[1], .. Enumerable.Repeat(1L, v.Rank - 2)],
            2 => [v.Extents[^1]],
            _ => [1, .. v.Extents.Skip(1)],
        };
        float[] numbers = [.. Numbers(Count(shape)).Select(n => n < 0 ? n - 0.3f : n + 0.3f)];
        string constant = Graph.Reals(numbers, shape);
        bool isFirst = type != "Div" && Chance(0.4);
        return Add(new(
            Graph.Node(type, isFirst ? [constant, v.Name] : [v.Name, constant]), v.Extents));
    }

    private bool Sum(Value v)
    {
        Value[] alike = [.. _values.Where(o => o.Extents.SequenceEqual(v.Extents))];
        string[] inputs = [v.Name, .. alike.Take(Between(0, 2)).Select(o => o.Name)];
        return Add(new(Graph.Node("Sum", inputs), v.Extents));
    }

    private static long[]? Meet(long[] a, long[] b)
    {
        int rank = Math.Max(a.Length, b.Length);
        long[] left = [.. Enumerable.Repeat(1L, rank - a.Length), .. a];
        long[] right = [.. Enumerable.Repeat(1L, rank - b.Length), .. b];
        bool isBatchKept = a.Length == b.Length;
        long[] met = [.. left.Zip(right, Math.Max)];
        return isBatchKept && Count(met) <= 2000
            && left.Zip(right).All(p => p.First == p.Second || p.First == 1 || p.Second == 1)
            ? met
            : null;
    }
}
