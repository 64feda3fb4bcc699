using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Formats;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>The keys of number formats.</summary>
internal static class FormatKeys
{
    public const string Calibrated = "calibrated";
    public const string Product = "product";

    public static PrefixedWordType<RoundingMode> Rounding { get; } = new(ModeNames.Roundings);

    public static PrefixedWordType<OverflowMode> Overflow { get; } = new(ModeNames.Overflows);

    private static Condition WhenCalibrated { get; } = new("fraction_bits", Calibrated);

    private static Condition WhenWrapping { get; } = new("overflow", "WRAP", "WRAP_SM");

    private static Condition WhenReal { get; } = new("pixels", "real");

    /// <summary>Of tensors: input, weight, activation, output.</summary>
    public static ImmutableArray<KeySpec> Tensor(bool isWeight, bool isInput = false) =>
        [
            Notation(Calibrated, 32),
            Bits(1, 32, (ValueFormat f, int v) => f with { Bits = v }),
            Key.Of(
                "fraction_bits", new IntegerOrWordType(-64, 64, (Calibrated, null)),
                "Where the binary point is.",
                (ValueFormat f, int? v) => f with { FractionBits = v }) with
            {
                Default = Calibrated,
                Unit = "bits",
                Silicon =
                    "A number is a fixed binary point, chosen when the RTL is written; with "
                        + "`calibrated` the toolchain picks one scale per tensor from sample data, "
                        + "as compilers for integer accelerators do.",
            },
            Key.Of(
                "signed",
                new WordType<Signedness>(
                    ("true", Signedness.Signed), ("false", Signedness.Unsigned),
                    ("auto", Signedness.Auto)),
                "Whether values may be negative.",
                (ValueFormat f, Signedness v) => f with { Signedness = v }) with
            {
                Default = "true",
                Silicon =
                    "`auto` is unsigned where values cannot be negative (pixels, after a ReLU), as "
                        + "accelerators with a per-tensor sign flag do.",
            },
            RoundingKey(
                "RND_CONV", "Rounding of real numbers, and of every conversion into this format.",
                (ValueFormat f, RoundingMode v) => f with { Rounding = v }),
            OverflowKey("SAT", (ValueFormat f, OverflowMode v) => f with { Overflow = v }),
            SaturationBits((ValueFormat f, int v) => f with { SaturationBits = v }),
            Key.Of(
                "scale",
                new WordType<ScaleKind>(
                    ("power_of_two", ScaleKind.PowerOfTwo), ("real", ScaleKind.Real)),
                "Which scales calibration may choose.",
                (ValueFormat f, ScaleKind v) => f with { Scale = v }) with
            {
                Default = "power_of_two",
                When = WhenCalibrated,
                Silicon = "A power of two requantizes by a shifter, a real scale by a multiplier.",
            },
            .. isWeight ? OfWeights : OfActivations,
            Key.Of(
                "narrow_range", new BooleanType(),
                "Leaves out the lowest value, as in [-127, 127].",
                (ValueFormat f, bool v) => f with { NarrowRange = v }) with
            {
                Default = "false",
                When = new("signed", "true", "auto"),
                Silicon = "Makes the range symmetric, and keeps -128 * -128 from happening.",
            },
            .. isInput ? OfInputs : [],
            .. HowCalibrated(isInput),
        ];

    private static ImmutableArray<KeySpec> HowCalibrated(bool isInput) =>
        [
            Key.Of(
                "calibration",
                new WordType<CalibrationMethod>(
                    ("min_max", CalibrationMethod.MinMax),
                    ("percentile", CalibrationMethod.Percentile),
                    ("mse", CalibrationMethod.MeanSquaredError)),
                "How the range is picked from data.",
                (ValueFormat f, CalibrationMethod v) =>
                    f with { Calibration = f.Calibration with { Method = v } }) with
            {
                Default = "min_max",
                When = isInput ? WhenReal : WhenCalibrated,
                Silicon = "None: this happens in the toolchain.",
            },
            Key.Of(
                "percentile", new NumberType(50, 100), "How much of the absolute range is kept.",
                (ValueFormat f, double v) =>
                    f with { Calibration = f.Calibration with { Percentile = v } }) with
            {
                Default = "99.9",
                Unit = "percent",
                When = new("calibration", "percentile"),
                Silicon = "None: this happens in the toolchain.",
            },
        ];

    private static ImmutableArray<KeySpec> OfWeights { get; } =
    [
        Key.Of(
            "granularity",
            new WordType<ScaleGranularity>(
                ("per_tensor", ScaleGranularity.PerTensor),
                ("per_channel", ScaleGranularity.PerChannel)),
            "One scale for all weights, or one per output channel.",
            (ValueFormat f, ScaleGranularity v) => f with { Granularity = v }) with
        {
            Default = "per_tensor",
            When = WhenCalibrated,
            Silicon = "Per channel needs a shift or multiplier register per output channel.",
        },
        Key.Of(
            "encoding",
            new WordType<bool>(("twos_complement", false), ("bipolar", true)),
            "What bits stand for.",
            (ValueFormat f, bool v) => f with { IsBipolar = v }) with
        {
            Default = "twos_complement",
            Silicon =
                "The bits of `bipolar` are -1 and +1: b of them make the odd numbers of "
                    + "-(2^b - 1)..2^b - 1, no zero. One bit makes a product an XNOR or a sign "
                    + "change, and its scale, where calibrated, is the mean magnitude. One bit of "
                    + "two's complement has -1 and 0.",
        },
    ];

    private static ImmutableArray<KeySpec> OfActivations { get; } =
    [
        Key.Of(
            "affine", new BooleanType(), "Whether a zero point other than 0 is legal.",
            (ValueFormat f, bool v) => f with { Affine = v }) with
        {
            Default = "false",
            When = WhenCalibrated,
            Silicon =
                "A zero point costs an adder at the output, and a correction in the bias or a "
                    + "wider multiplier (mac.zero_point).",
        },
        ZeroPointKey.Spec,
    ];

    private static ImmutableArray<KeySpec> OfInputs { get; } =
    [
        Key.Of(
            "pixels",
            new WordType<PixelEncoding>(
                ("bytes", PixelEncoding.Bytes), ("real", PixelEncoding.Real)),
            "How an image gets in: as its bytes, or as real numbers in 0..1.",
            (ValueFormat f, PixelEncoding v) => f with { Pixels = v }) with
        {
            Default = "bytes",
            When = WhenCalibrated,
            Silicon =
                "`bytes` wires a camera's 8 bits to the input's: 8 unsigned bits are the byte, "
                    + "fewer are rounded. `real` means a host that multiplies each pixel by a "
                    + "scale chosen from data.",
        },
    ];

    /// <summary>Of formats with a fixed binary point: products, biases, registers.</summary>
    public static ImmutableArray<KeySpec> Fixed(long maxBits, string rounding, string overflow) =>
        [
            Notation(null, 64),
            Bits(1, maxBits, (RegisterFormat r, int v) =>
                r with { Format = r.Format with { TotalBits = v } }),
            Key.Of(
                "fraction_bits", new IntegerType(-64, 64), "Where the binary point is.",
                (RegisterFormat r, int v) =>
                    r with { Format = r.Format with { FractionBits = v } }) with
            {
                IsRequired = true,
                Unit = "bits",
                Silicon = "Which bits of the result are wired on.",
            },
            Key.Of(
                "signed", new BooleanType(), "Whether values may be negative.",
                (RegisterFormat r, bool v) =>
                    r with { Format = r.Format with { IsSigned = v } }) with
            {
                Default = "true",
                Silicon = "Two's complement, or one bit more of magnitude.",
            },
            RoundingKey(
                rounding, "Rounding of every conversion into this format.",
                (RegisterFormat r, RoundingMode v) => r with { Rounding = v }),
            OverflowKey(overflow, (RegisterFormat r, OverflowMode v) => r with { Overflow = v }),
            SaturationBits((RegisterFormat r, int v) => r with { SaturationBits = v }),
        ];

    public static ImmutableArray<KeySpec> Accumulator { get; } =
    [
        Notation(Product, 64),
        Bits(2, 64, (AccumulatorFormat a, int v) => a with { Bits = v }),
        Key.Of(
            "fraction_bits", new IntegerOrWordType(-64, 64, (Product, null)),
            "Where the binary point is.",
            (AccumulatorFormat a, int? v) => a with { FractionBits = v }) with
        {
            Default = Product,
            Unit = "bits",
            Silicon = "`product` aligns it with the product: it adds integers and never rounds.",
        },
        Key.Of(
            "signed", new BooleanType(), "Whether it holds negative sums.",
            (AccumulatorFormat a, bool v) => a with { IsSigned = v }) with
        {
            Default = "true",
            Silicon = "Two's complement, or one bit more for sums that cannot be negative.",
        },
        RoundingKey(
            "TRN", "Rounding of every update.",
            (AccumulatorFormat a, RoundingMode v) => a with { Rounding = v }),
        OverflowKey("WRAP", (AccumulatorFormat a, OverflowMode v) => a with { Overflow = v }),
        SaturationBits((AccumulatorFormat a, int v) => a with { SaturationBits = v }),
        Key.Of(
            "when",
            new WordType<AccumulatorUpdate>(
                ("every_update", AccumulatorUpdate.EveryUpdate), ("end", AccumulatorUpdate.End)),
            "When a sum is converted to the accumulator's format.",
            (AccumulatorFormat a, AccumulatorUpdate v) => a with { When = v }) with
        {
            Default = "every_update",
            Silicon =
                "A register is that wide at every update; `end` models a wider register whose "
                    + "result alone is narrowed.",
        },
        Key.Of(
            "start",
            new WordType<BiasPosition>(("bias", BiasPosition.First), ("zero", BiasPosition.Last)),
            "What it holds before the first update.",
            (AccumulatorFormat a, BiasPosition v) => a with { Start = v }) with
        {
            Default = "bias",
            Silicon = "Preloaded with the bias, or cleared and the bias added at the end.",
        },
    ];

    private static KeySpec Notation(string? openPoint, int maxBits) =>
        new(
            "format", new FormatNotationType(openPoint, maxBits),
            "A notation in place of the keys it stands for.");

    private static KeySpec Bits<T>(long min, long max, Func<T, int, T> set)
        where T : class =>
        Key.Of(
            "bits", new IntegerType(min, max),
            max < 64 ? "Width." : "Width; where unsigned at most 63.", set) with
        {
            IsRequired = true,
            Unit = "bits",
            Silicon = "Wires and flip-flops.",
        };

    private static KeySpec RoundingKey<T>(
        string fallback, string summary, Func<T, RoundingMode, T> set)
        where T : class =>
        Key.Of("rounding", Rounding, summary, set) with
        {
            Default = fallback,
            Silicon = "TRN drops bits for free; the others cost an adder, or random bits.",
        };

    private static KeySpec OverflowKey<T>(string fallback, Func<T, OverflowMode, T> set)
        where T : class =>
        Key.Of(
            "overflow", Overflow, "What happens to a value outside the range, after rounding.",
            set) with
        {
            Default = fallback,
            Silicon = "WRAP drops bits for free; saturation costs a comparison and a multiplexer.",
        };

    private static KeySpec SaturationBits<T>(Func<T, int, T> set)
        where T : class =>
        Key.Of(
            "saturation_bits", new IntegerType(0, 64),
            "N of ap_fixed: the bits that saturate when the rest wraps.", set) with
        {
            Default = "0",
            Unit = "bits",
            Alias = "n",
            When = WhenWrapping,
            Silicon = "A few top bits clamp so that the sign survives a wrap.",
        };
}
