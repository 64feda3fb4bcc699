using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>Operators of quantized graphs, with their own scales and zero points.</summary>
internal static class QuantizeOperators
{
    /// <summary>Operators that may read raw values: they move them, or keep the largest.</summary>
    public static IReadOnlySet<string> PassRaw { get; } = new HashSet<string>
    {
        "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "MaxPool", "Identity", "Slice",
        "Gather", "Split", "Dropout", "DepthToSpace", "SpaceToDepth", "Resize", "Upsample",
        "Expand", "Tile", "Pad",
    };

    /// <summary>Whether a node is one of a pair, which leaves every value where it is.</summary>
    public static bool IsPairs(OnnxNode node) => node.Operator
        is "QuantizeLinear" or "DequantizeLinear"
        or "com.microsoft.QuantizeLinear" or "com.microsoft.DequantizeLinear";

    /// <summary>Real values to the nearest that a format holds.</summary>
    public static void Quantize(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0))
        {
            QuantizedConstant(graph, node);
            return;
        }

        OnnxValue value = graph.Value(node, 0);
        FakeQuantizer quantizer = Quantizer(graph, node);
        if (graph.IsLogits(node))
        {
            graph.Set(node, value);
            return;
        }

        FakeQuantizer whole = quantizer;
        FakeQuantizer narrow = PairedIntegers.Narrowed(graph, node, quantizer);
        if (node.IsAgain && narrow == quantizer)
        {
            graph.Set(node, value);
            graph.SetRaw(node.Outputs[0], whole);
            return;
        }

        value = PairedIntegers.OfPixels(graph, value, ref quantizer);
        var layer = new FakeQuantizeLayer(
            graph.Name(node), [value.Tensor], PairedIntegers.Narrowed(graph, node, quantizer))
        {
            IsApart = PairPaths.IsApart(graph, node) || PairPaths.IsOneOfSeveral(graph, node),
            Optimized = DoublePairs.Merged(graph, node),
            Rule = ClampRules.Of(graph, node),
            IsUnsigned = PairTypes.BecomesUnsigned(graph, node),
        };
        if (QuantizedRows.Of(graph, node, value, layer) is { } rows)
            graph.Set(node, rows);
        else
            graph.Add(node, layer, value.Extents);
        graph.SetRaw(node.Outputs[0], whole);
    }

    /// <summary>Raw values back to real ones: a constant's, or those of a quantizer.</summary>
    public static void Dequantize(OnnxGraph graph, OnnxNode node)
    {
        if (graph.IsConstant(node, 0))
        {
            Constant(graph, node);
            return;
        }

        if (graph.IsLogits(node))
        {
            graph.Set(node, graph.Value(node, 0));
            return;
        }

        FakeQuantizer quantizer = Quantizer(graph, node);
        if (graph.Raw(node.Inputs[0]) is not { } raw)
            throw graph.Fail(node, "reads what no QuantizeLinear made");
        if (raw != quantizer)
            throw graph.Fail(
                node, "has another scale or zero point than the QuantizeLinear before it");
        graph.Set(node, graph.Value(node, 0));
    }

    /// <summary>A convolution of raw values.</summary>
    public static void Conv(OnnxGraph graph, OnnxNode node) =>
        Product(graph, node, [.. node.Inputs.Skip(8).Take(1)], MacOperators.Conv, axis: 0);

    /// <summary>x, its scale and zero point; w, its; the output's; perhaps a bias.</summary>
    public static void Product(
        OnnxGraph graph, OnnxNode node, string[] bias, Action<OnnxGraph, OnnxNode> add, int axis,
        int? output = 6)
    {
        string name = node.Outputs[0];
        OnnxNode Part(string suffix, params string[] inputs) => node with
        {
            Inputs = inputs,
            Outputs = [$"{name}/{suffix}"],
        };
        Dequantize(graph, Part("x", [.. node.Inputs.Take(3)]));
        OnnxNode weights = Part("weights", [.. node.Inputs.Skip(3).Take(3)]);
        Constant(graph, weights, axis);
        string[] inputs = [$"{name}/x", $"{name}/weights"];
        if (bias is [{ Length: > 0 } raw])
        {
            float[] x = graph.Reals(node, 1), w = graph.Reals(node, 4);
            graph.Set(
                Part("scale"),
                new OnnxTensor("", [w.Length], [.. w.Select(s => s * x[0])], null));
            Constant(graph, Part("bias", raw, $"{name}/scale"));
            inputs = [.. inputs, $"{name}/bias"];
        }

        if (output is not { } scale)
        {
            add(graph, node with { Inputs = inputs });
            return;
        }

        add(graph, Part("y", inputs));
        Quantize(graph, node with
        {
            Inputs = [$"{name}/y", .. node.Inputs.Skip(scale).Take(2)],
            Attributes = new Dictionary<string, OnnxAttribute>(),
        });
    }

    private static void Constant(OnnxGraph graph, OnnxNode node, int axis = -1)
    {
        OnnxTensor constant = graph.Constant(node, 0);
        IReadOnlyList<long> raw = graph.Integers(node, 0);
        float[] scales = graph.Reals(node, 1);
        long[] zeros = OnnxGraph.Has(node, 2)
            ? [.. graph.Integers(node, 2)]
            : new long[scales.Length];
        int along = scales.Length == 1 || constant.Shape.Count == 0 ? 0
            : axis >= 0 ? axis
            : graph.Axis(node, node.Integer("axis", constant.Shape.Count == 1 ? 0 : 1),
                constant.Shape.Count);
        if (zeros.Length != scales.Length || scales.Length == 0
            || (scales.Length > 1 && scales.Length != constant.Shape[along])
            || scales.Any(s => !float.IsNormal(s) || s < 0))
            throw graph.Fail(
                node, $"{scales.Length} scales and {zeros.Length} zero points for "
                    + constant.ShapeText);
        long inner = OnnxTensor.CountOf([.. constant.Shape.Skip(along + 1)]);
        float[] reals = new float[raw.Count];
        for (int i = 0; i < reals.Length; i++)
        {
            int s = scales.Length == 1 ? 0 : (int)(i / inner % scales.Length);
            reals[i] = (raw[i] - zeros[s]) * scales[s];
        }

        graph.Set(node, new OnnxTensor("", constant.Shape, reals, null)
        {
            Raw = new(reals, raw, scales, zeros, along, RawConstant.Format(constant.Type)),
        });
    }

    /// <summary>
    /// Weights that a file has as they were, between a pair as activations are: the nearest raw
    /// values, quotients in float32 as ONNX Runtime folds them.
    /// </summary>
    private static void QuantizedConstant(OnnxGraph graph, OnnxNode node)
    {
        OnnxTensor constant = graph.Constant(node, 0);
        float[] reals = graph.Reals(node, 0), scales = graph.Reals(node, 1);
        DataType type = TypeOf(graph, node);
        (int bits, bool isSigned) = FormatOf(graph, node, type);
        long[] zeros = OnnxGraph.Has(node, 2)
            ? [.. graph.Integers(node, 2)]
            : new long[scales.Length];
        int along = scales.Length == 1 || constant.Shape.Count == 0 ? 0
            : graph.Axis(node, node.Integer("axis", 1), constant.Shape.Count);
        if (zeros.Length != scales.Length || scales.Length == 0
            || (scales.Length > 1 && scales.Length != constant.Shape[along])
            || scales.Any(s => !float.IsNormal(s) || s < 0) || !reals.All(float.IsFinite))
            throw graph.Fail(
                node, $"{scales.Length} scales and {zeros.Length} zero points for a constant of "
                    + constant.ShapeText);
        long inner = OnnxTensor.CountOf([.. constant.Shape.Skip(along + 1)]);
        long least = isSigned ? -(1L << (bits - 1)) : 0, largest = least + (1L << bits) - 1;
        long Raw(float real, int i)
        {
            int s = scales.Length == 1 ? 0 : (int)(i / inner % scales.Length);
            float nearest = MathF.Round(real / scales[s]) + zeros[s];
            return (long)Math.Clamp(nearest, least, largest);
        }

        graph.Set(node, new OnnxTensor("", constant.Shape, null, [.. reals.Select(Raw)])
        {
            Type = type,
        });
    }

    private static DataType TypeOf(OnnxGraph graph, OnnxNode node)
    {
        OnnxTensor? zero = OnnxGraph.Has(node, 2) ? graph.Constant(node, 2) : null;
        DataType declared = graph.Type(node, "output_dtype");
        return zero?.Type ?? (declared == DataType.Undefined ? DataType.Uint8 : declared);
    }

    private static (int Bits, bool IsSigned) FormatOf(
        OnnxGraph graph, OnnxNode node, DataType type) =>
        RawConstant.Format(type) is var (bits, isSigned) && bits <= 16
            ? (bits, isSigned)
            : throw graph.Fail(
                node, $"makes {type.ToString().ToUpperInvariant()} (supported: UINT8, INT8, "
                    + "UINT16, INT16, UINT4, INT4)");

    private static FakeQuantizer Quantizer(OnnxGraph graph, OnnxNode node)
    {
        float[] scales = graph.Reals(node, 1);
        OnnxTensor? zero = OnnxGraph.Has(node, 2) ? graph.Constant(node, 2) : null;
        if (scales is not [var scale] || zero is { Length: not 1 })
            throw graph.Fail(
                node, "has a scale per channel (supported: of constants; one for what depends on "
                    + "the image)");
        if (!float.IsNormal(scale) || scale < 0)
            throw graph.Fail(node, FormattableString.Invariant($"its scale is {scale}"));
        (int bits, bool isSigned) = FormatOf(graph, node, TypeOf(graph, node));
        return RawConstant.Quantizer(scale, (int)(zero?.Integers?[0] ?? 0), bits, isSigned);
    }
}
