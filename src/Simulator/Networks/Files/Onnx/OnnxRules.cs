using System.Collections.Immutable;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// The one list of ONNX operators that QSim reads, a row per operator and attribute. A test holds
/// it against ONNX's own schemas, so that no attribute is dropped in silence.
/// </summary>
internal static class OnnxRules
{
    private const int Any = 1000;

    private static AttributeRule[] Window { get; } =
        Used("auto_pad", "dilations", "kernel_shape", "pads", "strides");

    private static OperatorRule Reduction(ReductionKind kind) =>
        Reduction((g, n) => ReduceOperators.Reduce(g, n, kind));

    private static OperatorRule Reduction(Action<OnnxGraph, OnnxNode> add) =>
        new(add, 2, Used("axes", "keepdims", "noop_with_empty_axes"));

    private static OperatorRule Point(
        PointFunction function, string? a = null, double first = 0, string? b = null,
        double second = 0) => new(
            (g, n) => ElementOperators.Point(
                g, n, function, a is null ? first : n.Real(a, (float)first),
                b is null ? second : n.Real(b, (float)second)),
            1, Used([.. new[] { a, b }.OfType<string>()]));

    /// <summary>The rows.</summary>
    public static ImmutableSortedDictionary<string, OperatorRule> All { get; } =
        ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal,
            Products.Concat(Elements).Concat(Pools).Concat(Shapes).Concat(Moves).Concat(Constants)
                .Concat(Quantized).Concat(Microsofts).Concat(QonnxRules.All)
                .Concat(ChannelsLast.Rules(
                    Products.Concat(Elements).Concat(Pools).ToDictionary())));

    private static Dictionary<string, OperatorRule> Products => new()
    {
        ["Conv"] = new(MacOperators.Conv, 3, Window, Used("group")),
        ["ConvTranspose"] = new(
            TransposedConvolution.Add, 3, Window, Used("group", "output_padding"),
            Refused("output_shape")),
        ["Gemm"] = new(
            MacOperators.Gemm, 3, Used("alpha", "beta", "transB"), Only("transA", 0)),
        ["MatMul"] = new(MatrixOperators.MatMul, 2),
    };

    private static Dictionary<string, OperatorRule> Elements => new()
    {
        ["Relu"] = new((g, n) => ElementOperators.Layer(g, n, i => new ReluLayer(g.Name(n), i)), 1),
        ["Sigmoid"] = new(
            (g, n) => ElementOperators.Layer(g, n, i => new SigmoidLayer(g.Name(n), i)), 1),
        ["Tanh"] = new((g, n) => ElementOperators.Layer(g, n, i => new TanhLayer(g.Name(n), i)), 1),
        ["Clip"] = new(ElementOperators.Clip, 3, Used("min", "max")),
        ["LeakyRelu"] = Point(PointFunction.LeakyRelu, "alpha", 0.01f),
        ["PRelu"] = new(ElementOperators.PRelu, 2),
        ["Elu"] = Point(PointFunction.Elu, "alpha", 1),
        ["Selu"] = Point(PointFunction.Selu, "alpha", 1.67326324f, "gamma", 1.05070102f),
        ["Celu"] = Point(PointFunction.Celu, "alpha", 1),
        ["ThresholdedRelu"] = Point(PointFunction.ThresholdedRelu, "alpha", 1),
        ["HardSigmoid"] = Point(PointFunction.HardSigmoid, "alpha", 0.2f, "beta", 0.5f),
        ["HardSwish"] = Point(PointFunction.HardSwish),
        ["Gelu"] = new(ElementOperators.Gelu, 1, Used("approximate")),
        ["Erf"] = Point(PointFunction.Erf),
        ["Softplus"] = Point(PointFunction.Softplus),
        ["Softsign"] = Point(PointFunction.Softsign),
        ["Mish"] = Point(PointFunction.Mish),
        ["Abs"] = new(ElementOperators.Abs, 1),
        ["Softmax"] = new(ElementOperators.Softmax, 1, Used("axis")),
        ["LogSoftmax"] = new(ElementOperators.LogSoftmax, 1, Used("axis")),
        ["BatchNormalization"] = new(
            ElementOperators.BatchNormalization, 5, Used("epsilon"), Unused("momentum"),
            Only("spatial", 1), Only("training_mode", 0)),
        ["Add"] = new(ElementOperators.Add, 2),
        ["Sum"] = new(ElementOperators.Sum, Any),
        ["Sub"] = new(ElementOperators.Sub, 2),
        ["Mul"] = new(ElementOperators.Mul, 2),
        ["Div"] = new(RootOperators.Div, 2),
        ["Neg"] = new(ElementOperators.Neg, 1),
        ["Sqrt"] = new(RootOperators.Sqrt, 1),
        ["Reciprocal"] = Point(PointFunction.Reciprocal),
        ["Pow"] = new(RootOperators.Pow, 2),
        ["LayerNormalization"] = new(
            NormOperators.Layer, 3, Used("axis", "epsilon"), Only("stash_type", 1)),
        ["InstanceNormalization"] = new(NormOperators.Instance, 3, Used("epsilon")),
    };

    private static Dictionary<string, OperatorRule> Pools => new()
    {
        ["MaxPool"] = new(
            PoolOperators.Max, 1, Window, Used("ceil_mode"), Unused("storage_order")),
        ["AveragePool"] = new(
            PoolOperators.Average, 1, Window, Used("ceil_mode", "count_include_pad")),
        ["GlobalMaxPool"] = new(PoolOperators.GlobalMax, 1),
        ["GlobalAveragePool"] = new(PoolOperators.GlobalAverage, 1),
        ["ReduceMean"] = Reduction(ReductionKind.Mean),
        ["ReduceMax"] = Reduction(ReductionKind.Max),
        ["ReduceSum"] = Reduction(ReductionKind.Sum),
        ["ReduceL2"] = Reduction((g, n) => ReduceOperators.Squares(g, n, true)),
        ["ReduceSumSquare"] = Reduction((g, n) => ReduceOperators.Squares(g, n, false)),
    };

    private static Dictionary<string, OperatorRule> Shapes => new()
    {
        ["Flatten"] = new(ShapeOperators.Flatten, 1, Used("axis")),
        ["Reshape"] = new(ShapeOperators.Reshape, 2, Used("allowzero")),
        ["Squeeze"] = new(ShapeOperators.Squeeze, 2, Used("axes")),
        ["Unsqueeze"] = new(ShapeOperators.Unsqueeze, 2, Used("axes")),
        ["Identity"] = new(ShapeOperators.Same, 1),
        ["Dropout"] = new(ShapeOperators.Dropout, 3, Unused("ratio", "seed")),
        ["Cast"] = new(ShapeOperators.Cast, 1, Used("to"), Unused("saturate")),
    };

    private static Dictionary<string, OperatorRule> Moves => new()
    {
        ["Transpose"] = new(MoveOperators.Transpose, 1, Used("perm")),
        ["Concat"] = new(JoinOperators.Concat, Any, Used("axis")),
        ["Split"] = new(JoinOperators.Split, 2, Used("axis", "split", "num_outputs"))
        {
            Outputs = Any,
        },
        ["Pad"] = new(PadOperator.Pad, 4, Used("mode", "pads", "value")),
        ["Slice"] = new(MoveOperators.Slice, 5, Used("starts", "ends", "axes")),
        ["Gather"] = new(MoveOperators.Gather, 2, Used("axis")),
        ["Expand"] = new(MoveOperators.Expand, 2),
        ["Tile"] = new(MoveOperators.Tile, 2),
        ["DepthToSpace"] = new(MoveOperators.DepthToSpace, 1, Used("blocksize", "mode")),
        ["SpaceToDepth"] = new(MoveOperators.SpaceToDepth, 1, Used("blocksize")),
        ["Upsample"] = new(ResizeOperators.Upsample, 2, Used("mode", "scales")),
        ["Resize"] = new(
            ResizeOperators.Resize, 4,
            Used("axes", "coordinate_transformation_mode", "mode", "nearest_mode"),
            Unused("cubic_coeff_a", "exclude_outside", "extrapolation_value"),
            Only("antialias", 0), Refused("keep_aspect_ratio_policy")),
    };

    private static Dictionary<string, OperatorRule> Constants => new()
    {
        ["Constant"] = new(
            ConstantOperators.Constant, 0,
            Used("value", "value_int", "value_ints", "value_float", "value_floats"),
            Refused("sparse_value", "value_string", "value_strings")),
        ["ConstantOfShape"] = new(ConstantOperators.ConstantOfShape, 1, Used("value")),
        ["Shape"] = new(ConstantOperators.Shape, 1, Used("start", "end")),
        ["Equal"] = new(ConstantFolding.Equal, 2),
        ["Where"] = new(ConstantFolding.Where, 3),
    };

    private static Dictionary<string, OperatorRule> Quantized => new()
    {
        ["QuantizeLinear"] = new(
            QuantizeOperators.Quantize, 3, Used("axis"), Unused("saturate"), Only("block_size", 0),
            Used("output_dtype"), Refused("precision")),
        ["DequantizeLinear"] = new(
            QuantizeOperators.Dequantize, 3, Used("axis"), Only("block_size", 0),
            Refused("output_dtype"))
        {
            ReadsRaw = true,
        },
        ["QLinearConv"] = new(QuantizeOperators.Conv, 9, Window, Used("group"))
        {
            ReadsRaw = true,
        },
        ["QLinearMatMul"] = new(QLinearOperators.MatMul, 8) { ReadsRaw = true },
        ["ConvInteger"] = new(IntegerOperators.Conv, 4, Window, Used("group"))
        {
            ReadsRaw = true,
        },
        ["MatMulInteger"] = new(IntegerOperators.MatMul, 4) { ReadsRaw = true },
        ["DynamicQuantizeLinear"] = new(DynamicOperators.Quantize, 1) { Outputs = 3 },
    };

    /// <summary>What ONNX Runtime's quantizer and its optimizer write.</summary>
    private static Dictionary<string, OperatorRule> Microsofts
    {
        get
        {
            OperatorRule Raw(
                Action<OnnxGraph, OnnxNode> add, int inputs, params AttributeRule[][] attributes) =>
                new(add, inputs, attributes) { ReadsRaw = true };
            AttributeRule[] first = Only("channels_last", 0);
            return new()
            {
                ["com.microsoft.QuantizeLinear"] = new(
                    QuantizeOperators.Quantize, 3, Used("axis"), Only("block_size", 0)),
                ["com.microsoft.DequantizeLinear"] = Raw(
                    QuantizeOperators.Dequantize, 3, Used("axis"), Only("block_size", 0)),
                ["com.microsoft.QLinearAdd"] = Raw(QLinearOperators.Of(ElementOperators.Add, 2), 8),
                ["com.microsoft.QLinearMul"] = Raw(QLinearOperators.Of(ElementOperators.Mul, 2), 8),
                ["com.microsoft.QLinearAveragePool"] = Raw(
                    QLinearOperators.Of(PoolOperators.Average), 5, Window,
                    Used("ceil_mode", "count_include_pad"), first),
                ["com.microsoft.QLinearGlobalAveragePool"] = Raw(
                    QLinearOperators.Of(PoolOperators.GlobalAverage), 5, first),
                ["com.microsoft.QLinearConcat"] = Raw(QLinearOperators.Concat, Any, Used("axis")),
                ["com.microsoft.QLinearSigmoid"] = Raw(
                    QLinearOperators.Of(Element("Sigmoid")), 5),
                ["com.microsoft.QLinearLeakyRelu"] = Raw(
                    QLinearOperators.Of(Element("LeakyRelu")), 5, Used("alpha")),
                ["com.microsoft.QLinearSoftmax"] = Raw(
                    QLinearOperators.Softmax, 5, Used("axis", "opset")),
                ["com.microsoft.Gelu"] = new(Element("Gelu"), 1),
                ["com.microsoft.FastGelu"] = new(
                    (g, n) => ElementOperators.Point(g, n, PointFunction.GeluTanh), 1),
                ["com.microsoft.QuickGelu"] = new(
                    (g, n) => ElementOperators.Point(
                        g, n, PointFunction.Silu, n.Real("alpha", 1.702f)),
                    1, Used("alpha")),
                ["com.microsoft.SkipLayerNormalization"] = new(
                    LayerNorms.Skip, 5, Used("epsilon")),
                ["com.microsoft.QGemm"] = Raw(
                    QLinearOperators.Gemm, 9, Used("alpha", "transB"), Only("transA", 0)),
            };
        }
    }

    private static Action<OnnxGraph, OnnxNode> Element(string name) => Elements[name].Add;

    private static AttributeRule[] Used(params string[] names) =>
        [.. names.Select(n => new AttributeRule(n, AttributeUse.Honoured))];

    private static AttributeRule[] Unused(params string[] names) =>
        [.. names.Select(n => new AttributeRule(n, AttributeUse.Unused))];

    private static AttributeRule[] Refused(params string[] names) =>
        [.. names.Select(n => new AttributeRule(n, AttributeUse.Refused))];

    private static AttributeRule[] Only(string name, long value) =>
        [new(name, AttributeUse.Only, value)];
}
