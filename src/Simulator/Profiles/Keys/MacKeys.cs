using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Formats;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>The keys of the multiply-accumulate unit and of what comes after it.</summary>
internal static class MacKeys
{
    private static WordOrMapType Product { get; } = new(
        "exact", new FormatMapType(null, 64, FormatKeys.Fixed(64, "TRN", "WRAP")));

    /// <summary>Of the multiply-accumulate unit; they describe the layer.</summary>
    public static MapType Mac { get; } =
        new([
            Key.OptionalPart(
                "product", Product, "The format of products; `exact` keeps every bit.",
                RegisterFormat.Blank,
                (LayerDatapath l, RegisterFormat? v) => l with { Product = v }) with
            {
                Default = "exact",
                Silicon =
                    "A multiplier's output is exact; designs that narrow it save adder width.",
            },
            Key.Of(
                "lanes", new IntegerOrWordType(1, 65536, ("all", 0)),
                "Products summed exactly before each update.",
                (LayerDatapath l, int? v) => l with { Lanes = v!.Value }) with
            {
                Default = "1",
                Unit = "products",
                Silicon =
                    "Width of the adder tree: 1 is a sequential multiply-accumulate unit, `all` a "
                        + "fully unrolled one.",
            },
            Key.Of(
                "order",
                new WordType<ReductionOrder>(
                    ("channel_last", ReductionOrder.ChannelLast),
                    ("channel_first", ReductionOrder.ChannelFirst),
                    ("interleave", ReductionOrder.Interleave)),
                "Order of the products.",
                (LayerDatapath l, ReductionOrder v) => l with { Order = v }) with
            {
                Default = "channel_last",
                Silicon =
                    "The loop nest: (row, column, channel) or (channel, row, column), innermost "
                        + "last; `interleave` strides through channel_last order, as a reuse "
                        + "factor does.",
            },
            Key.Of(
                "interleave", new IntegerType(1, 65536), "The stride of an interleaved order.",
                (LayerDatapath l, int v) => l with { Interleave = v }) with
            {
                Default = "1",
                Unit = "products",
                When = new("order", "interleave"),
                Silicon = "hls4ml's reuse factor: how many products share one multiplier.",
            },
            Key.Of(
                "zero_point",
                new WordType<ZeroPointHandling>(
                    ("folded", ZeroPointHandling.Folded),
                    ("subtracted", ZeroPointHandling.Subtracted)),
                "Where the input's zero point goes.",
                (LayerDatapath l, ZeroPointHandling v) => l with { ZeroPoint = v }) with
            {
                Default = "folded",
                Silicon =
                    "Into the bias ahead of time, or off every input at the multiplier, one bit "
                        + "wider.",
            },
            Key.Of(
                "operands",
                new WordType<MacOperands>(("any", MacOperands.Any), ("int8", MacOperands.Int8)),
                "Which integers of a network that was quantized before are multiplied as such.",
                (LayerDatapath l, MacOperands v) => l with { Operands = v }) with
            {
                Default = "any",
                Silicon =
                    "`int8`: where ONNX Runtime's CPU kernels have no integers (activations of 16 "
                        + "bits, weights of 4, transposed convolutions, int8 activations that "
                        + "several layers read) float32 numbers are multiplied, as there.",
            },
            Key.Part(
                "accumulator", new FormatMapType(FormatKeys.Product, 64, FormatKeys.Accumulator),
                "The accumulator.", new AccumulatorFormat { Bits = 0 },
                (LayerDatapath l, AccumulatorFormat v) => l with { Accumulator = v }) with
            {
                IsRequired = true,
                Silicon = "The register that every update writes.",
            },
        ]);

    /// <summary>From accumulator to output.</summary>
    public static ShorthandMapType Requantize { get; } =
        new(
            "kind",
            [
                Key.Of(
                    "kind",
                    new WordType<RequantizeKind>(
                        ("cast", RequantizeKind.Cast), ("shift", RequantizeKind.Shift),
                        ("multiplier_double", RequantizeKind.MultiplierDouble),
                        ("multiplier_single", RequantizeKind.MultiplierSingle),
                        ("real", RequantizeKind.Real), ("real_once", RequantizeKind.RealOnce)),
                    "How an accumulator becomes an output.",
                    (RequantizeStage r, RequantizeKind v) => r with { Kind = v }) with
                {
                    Default = "cast",
                    Silicon =
                        "Wiring (cast), a rounding shifter (shift), a 32-bit multiplier with two "
                            + "roundings (multiplier_double: gemmlowp, TFLite) or one "
                            + "(multiplier_single), a float32 multiply (real: QNNPACK, ONNX "
                            + "Runtime), or a float32 unit that adds an unrounded bias, "
                            + "multiplies, adds the zero point and only then rounds (real_once: "
                            + "oneDNN).",
                },
                Key.Of(
                    "rounding",
                    new PrefixedWordType<RoundingMode?>([
                        .. FormatKeys.Rounding.Rows.Select(r => (r.Word, (RoundingMode?)r.Value)),
                        ("output", null),
                    ]),
                    "Rounding of the shift or of the float32 number; `output` is the rounding of "
                        + "the output's own format, and RND_CONV for `real` and `real_once`.",
                    (RequantizeStage r, RoundingMode? v) => r with { Rounding = v }) with
                {
                    Default = "output",
                    When = new("kind", "shift", "real", "real_once"),
                    Silicon = "Half an output step added before the shift, or more logic for ties.",
                },
                Key.Of(
                    "multiplier_bits", new IntegerType(2, 32),
                    "Width of the multiplier, its sign bit counted.",
                    (RequantizeStage r, int v) => r with { MultiplierBits = v }) with
                {
                    Default = "32",
                    Unit = "bits",
                    When = new("kind", "multiplier_double", "multiplier_single"),
                    Silicon = "The constant operand of the requantization multiplier.",
                },
                Key.Of(
                    "scale_order",
                    new WordType<ScaleOrder>([.. RequantizationScale.Orders]),
                    "In which order the scale is computed from the scales of input x, weight w "
                        + "and output y.",
                    (RequantizeStage r, ScaleOrder v) => r with { ScaleOrder = v }) with
                {
                    Default = "double",
                    When = new(
                        "kind", "multiplier_double", "multiplier_single", "real", "real_once"),
                    Silicon =
                        "None: the toolchain's arithmetic. `double` is x * w / y in float64, "
                            + "`divide` float32(x * w) / y in float32 (ONNX Runtime; TensorFlow "
                            + "Lite's products of two tensors), `product` the same in float64 "
                            + "(TensorFlow Lite's dense layers whose weights share a scale), "
                            + "`reciprocal` float32(w * x) * float32(1 / y) (QNNPACK), "
                            + "`reciprocals` (1 / y) / ((1 / x) * (1 / w)), each float32 "
                            + "(oneDNN's callers). They differ in the last bit of a float32.",
                },
            ]);
}
