using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Formats;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>
/// The keys of the stages that do not multiply: pooling, tables, softmax, residual additions.
/// </summary>
internal static class FunctionKeys
{
    public const string Exact = "exact";
    public const string None = "none";
    public const string Output = "output";
    public const string Computed = TableValues.Computed;

    private static FormatMapType Register { get; } =
        new(null, 32, FormatKeys.Fixed(32, "TRN", "WRAP"));

    private static readonly TableStage BlankTable = new() { Entries = 0, Low = 0, High = 0 };

    private static readonly SoftmaxStage BlankSoftmax = new()
    {
        Kind = SoftmaxKind.Latency,
        Entries = 0,
        Exponential = RegisterFormat.Blank,
        Sum = RegisterFormat.Blank,
        InverseInput = RegisterFormat.Blank,
        Inverse = RegisterFormat.Blank,
    };

    private static FormatMapType AverageAccumulator { get; } =
        new(
            FormatKeys.Product, 64,
            [.. FormatKeys.Accumulator.Where(k => k.Name is not ("when" or "start"))]);

    private static MapType Pooling { get; } = new(
    [
        Key.Of(
            "average_rounding", FormatKeys.Rounding,
            "Rounding of the quotient of average pooling.",
            (AveragePoolStage p, RoundingMode v) => p with { Rounding = v }) with
        {
            Default = "RND_INF",
            Silicon = "A divider, or a multiplication by the reciprocal, and how it rounds.",
        },
        Key.Of(
            "average_division",
            new WordType<AverageDivision>(
                ("exact", AverageDivision.Exact), ("dpu", AverageDivision.Dpu),
                ("shift", AverageDivision.Shift), ("reciprocal", AverageDivision.Reciprocal),
                ("float32", AverageDivision.Float32)),
            "What stands for the division by the number of values.",
            (AveragePoolStage p, AverageDivision v) => p with { Division = v }) with
        {
            Default = "exact",
            Silicon =
                "`dpu` multiplies by a small constant and shifts, as AMD's DPU does: 7/64 for 3x3, "
                    + "so nine values of 100 average to 98; `shift` drops the bits by which a sum "
                    + "is wider than the output, and the output's scale takes the rest, as FINN's "
                    + "QuantAvgPool2d does; `reciprocal` multiplies by the float32 reciprocal, as "
                    + "Gemmini does; `float32` sums real values, divides and scales in float32 "
                    + "and rounds to even, as ONNX Runtime's QLinearAveragePool does.",
        },
        Key.Of(
            "mean",
            new WordType<MeanKind>(
                ("requantize", MeanKind.Requantize), ("litert", MeanKind.Litert),
                ("xnnpack", MeanKind.Xnnpack)),
            "How a mean over the image with a scale of its own (TensorFlow Lite's MEAN) is made.",
            (AveragePoolStage p, MeanKind v) => p with { Mean = v }) with
        {
            Default = "requantize",
            Silicon =
                "`requantize` has a sum and the layer's requantization, whose multiplier takes "
                    + "the count as well where it has two roundings; `litert` has, where "
                    + "dimensions are kept, one multiplier for scales and count and rounds zero "
                    + "points by themselves; `xnnpack` multiplies by a float32 number and adds the "
                    + "zero points before it rounds.",
        },
        Key.OptionalPart(
            "average_accumulator", new WordOrMapType(Exact, AverageAccumulator),
            "What every sum of average pooling is fitted into; its binary point is the input's.",
            new AccumulatorFormat { Bits = 0 },
            (AveragePoolStage p, AccumulatorFormat? v) => p with { Accumulator = v }) with
        {
            Default = Exact,
            Silicon = "`exact` has a register wide enough for every window.",
        },
    ]);

    private static MapType Table { get; } =
        new([
            Key.Of(
                "entries", new IntegerType(2, 65536), "Number of entries N.",
                (TableStage t, int v) => t with { Entries = v }) with
            {
                IsRequired = true,
                Unit = "entries",
                Silicon = "Depth of the ROM.",
            },
            Key.Of(
                "low", new NumberType(-1e6, 1e6), "Lower end of the input range.",
                (TableStage t, double v) => t with { Low = v }) with
            {
                IsRequired = true,
                Unit = "real value",
                Silicon = "Inputs below it use the first entry.",
            },
            Key.Of(
                "high", new NumberType(-1e6, 1e6), "Upper end of the input range.",
                (TableStage t, double v) => t with { High = v }) with
            {
                IsRequired = true,
                Unit = "real value",
                Silicon = "Inputs above it use the last entry.",
            },
            Key.Of(
                "index",
                new WordType<TableIndexRule>(
                    ("floor", TableIndexRule.Floor), ("toward_zero", TableIndexRule.TowardZero),
                    ("nearest", TableIndexRule.Nearest), ("hls4ml", TableIndexRule.Hls4ml)),
                "How an input finds its entry.",
                (TableStage t, TableIndexRule v) => t with { Index = v }) with
            {
                Default = "floor",
                Silicon =
                    "Which bits address the ROM; `hls4ml` is trunc(x * N / (high - low)) + N / 2, "
                        + "whose middle bin is twice as wide.",
            },
            Key.Of(
                "values",
                new TextType(2_000_000),
                "Your own entries, from low upward: a CSV file of N numbers, or the numbers"
                    + " with blanks between them; `computed` has those of sigmoid and tanh.",
                (TableStage t, string v) => t with
                {
                    Values = v == Computed ? null : TableValues.Parse(v, out _),
                }) with
            {
                Default = Computed,
                Unit = "real value",
                Silicon = "Contents of the ROM before they are converted.",
            },
            Key.OptionalPart(
                "entry", new WordOrMapType(Output, Register),
                "Format of the entries; `output` stores outputs.", RegisterFormat.Blank,
                (TableStage t, RegisterFormat? v) => t with { Entry = v }) with
            {
                Default = Output,
                Silicon = "Width of the ROM.",
            },
        ]);

    private static Condition WithTables { get; } = new("kind", "latency", "stable");

    private static MapType Softmax { get; } =
        new([
            Key.Of(
                "kind",
                new WordType<SoftmaxKind>(
                    ("latency", SoftmaxKind.Latency), ("stable", SoftmaxKind.Stable),
                    ("division", SoftmaxKind.Division), ("float32", SoftmaxKind.Float32),
                    ("gemmlowp", SoftmaxKind.Gemmlowp), ("litert", SoftmaxKind.Litert)),
                "What addresses the table of exponentials, and what divides by their sum.",
                (SoftmaxStage s, SoftmaxKind v) => s with { Kind = v }) with
            {
                IsRequired = true,
                Silicon =
                    "`latency`: the input itself; the others: the largest input less the input (a "
                        + "comparator tree and subtractors). `latency` and `stable` are hls4ml's, "
                        + "with a table of reciprocals; `division` is QNNPACK's, with an entry for "
                        + "every difference and an integer division; `float32` is ONNX Runtime's; "
                        + "`gemmlowp` is that of TensorFlow Lite's reference kernels and CMSIS-NN, "
                        + "`litert` that of its optimized ones: float32 exponentials times the "
                        + "reciprocal of their sum.",
            },
            Key.Of(
                "entries", new IntegerType(2, 65536), "Entries of each table, a power of two.",
                (SoftmaxStage s, int v) => s with { Entries = v }) with
            {
                IsRequired = true,
                When = WithTables,
                Unit = "entries",
                Silicon = "Depth of both ROMs.",
            },
            Part(
                "difference", "Largest input less input (hls4ml: inp_norm_t).",
                (s, v) => s with { Difference = v }) with
            {
                When = new("kind", "stable"),
            },
            Part(
                "exponential", "Entries of the table of exponentials (hls4ml: exp_table_t).",
                (s, v) => s with { Exponential = v }),
            Part(
                "sum", "The sum of exponentials (hls4ml: accum_t).",
                (s, v) => s with { Sum = v }),
            Part(
                "inverse_input", "What addresses the table of reciprocals (hls4ml: inv_inp_t).",
                (s, v) => s with { InverseInput = v }),
            Part(
                "inverse", "Entries of the table of reciprocals (hls4ml: inv_table_t).",
                (s, v) => s with { Inverse = v }),
        ]);

    /// <summary>As the profile's stages.</summary>
    public static ImmutableArray<KeySpec> Stages { get; } =
    [
        Key.Part(
            "pooling", Pooling, "Pooling.", new AveragePoolStage(),
            (LayerDatapath l, AveragePoolStage v) => l with { AveragePool = v }) with
        {
            Default = "",
            Silicon = "The unit after the activation memory.",
        },
        Key.OptionalPart(
            "table", new WordOrMapType(Exact, Table),
            "Sigmoid and tanh by table; `exact` has one entry per raw value.", BlankTable,
            (LayerDatapath l, TableStage? v) => l with { Table = v }) with
        {
            Default = Exact,
            Silicon = "A ROM; `exact` is the ROM that is as deep as the input has values.",
        },
        Key.Of(
            "functions",
            new WordType<FunctionArithmetic>(
                (Exact, FunctionArithmetic.Exact), ("litert", FunctionArithmetic.Litert),
                ("xnnpack", FunctionArithmetic.Xnnpack)),
            "Whose arithmetic functions of one 8-bit value have, where no `table` says it and the "
                + "output saturates.",
            (LayerDatapath l, FunctionArithmetic v) => l with { Functions = v }) with
        {
            Default = Exact,
            Silicon =
                "`exact` rounds the real function once; `litert` computes as TensorFlow Lite's "
                    + "kernels do, by their own rounding: leaky_relu, hard_swish, abs and, in "
                    + "files that are quantized, clamps into another scale in fixed point, "
                    + "sigmoid, tanh, elu and gelu in float32, ties away from zero; `xnnpack` the "
                    + "same but for "
                    + "leaky_relu by multiples of 1/256, and ties of sigmoid, tanh and elu to "
                    + "even.",
        },
        Key.OptionalPart(
            "softmax", new WordOrMapType(None, Softmax),
            "Softmax by tables; with `none` such a layer is refused.", BlankSoftmax,
            (LayerDatapath l, SoftmaxStage? v) => l with { Softmax = v }) with
        {
            Default = None,
            Silicon =
                "Two ROMs, an adder tree and a multiplier; most accelerators leave softmax to the "
                    + "host.",
        },
        Key.Of(
            "residual_add",
            new WordType<ResidualAddKind>(
                ("auto", ResidualAddKind.Auto), ("align", ResidualAddKind.Align),
                ("multiplier", ResidualAddKind.Multiplier),
                ("qnnpack", ResidualAddKind.Qnnpack), ("xnnpack", ResidualAddKind.Xnnpack),
                ("float32", ResidualAddKind.Float32), ("gemmini", ResidualAddKind.Gemmini)),
            "How sums and concatenations meet.",
            (LayerDatapath l, ResidualAddKind v) => l with { ResidualAdd = v }) with
        {
            Default = "auto",
            Silicon =
                "`align` shifts binary points together; `multiplier` rescales each input as "
                    + "TFLite's ADD does; `qnnpack` by integers of 22 bits and one shift, ties "
                    + "away from zero; `xnnpack` by integers of 21 bits and one shift, ties up, "
                    + "conversions by multiples of 1/256; `float32` as ONNX Runtime's QLinearAdd "
                    + "does on x64; `gemmini` rounds and saturates each input at the output's "
                    + "scale; `auto` aligns where every scale is a power of two.",
        },
    ];

    private static KeySpec Part(
        string name, string summary, Func<SoftmaxStage, RegisterFormat, SoftmaxStage> set) =>
        Key.Part(name, Register, summary, RegisterFormat.Blank, set) with
        {
            IsRequired = true,
            When = WithTables,
            Silicon = "A register.",
        };
}
