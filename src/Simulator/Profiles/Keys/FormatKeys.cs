using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Formats;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>The keys of number formats.</summary>
internal static class FormatKeys
{
    public const string Calibrated = "calibrated";
    public const string Product = "product";

    public static PrefixedWordType Rounding { get; } =
        new([.. ModeNames.Roundings.Select(r => r.Name)]);

    public static PrefixedWordType Overflow { get; } =
        new([.. ModeNames.Overflows.Select(o => o.Name)]);

    private static Condition WhenCalibrated { get; } = new("fraction_bits", Calibrated);

    private static Condition WhenWrapping { get; } = new("overflow", "WRAP", "WRAP_SM");

    private static Condition WhenReal { get; } = new("pixels", "real");

    /// <summary>Of tensors: input, weight, activation, output.</summary>
    public static ImmutableArray<KeySpec> Tensor(bool isWeight, bool isInput = false) =>
        [
            Notation(Calibrated, 32),
            Bits(1, 32),
            new("fraction_bits", new IntegerType(-64, 64, Calibrated), "Where the binary point is.")
            {
                Default = Calibrated,
                Unit = "bits",
                Silicon =
                    "A number is a fixed binary point, chosen when the RTL is written; with "
                        + "`calibrated` the toolchain picks one scale per tensor from sample data, "
                        + "as compilers for integer accelerators do.",
            },
            new(
                "signed", new WordType(["true", "false", "auto"]),
                "Whether values may be negative.")
            {
                Default = "true",
                Silicon =
                    "`auto` is unsigned where values cannot be negative (pixels, after a ReLU), as "
                        + "accelerators with a per-tensor sign flag do.",
            },
            RoundingKey(
                "RND_CONV", "Rounding of real numbers, and of every conversion into this format."),
            OverflowKey("SAT"),
            SaturationBits(),
            new(
                "scale", new WordType(["power_of_two", "real"]),
                "Which scales calibration may choose.")
            {
                Default = "power_of_two",
                When = WhenCalibrated,
                Silicon =
                    "A power of two needs a shifter to requantize; a real scale needs a "
                        + "multiplier.",
            },
            .. isWeight
                ? (ImmutableArray<KeySpec>)
                    [
                        new(
                            "granularity", new WordType(["per_tensor", "per_channel"]),
                            "One scale for all weights, or one per output channel.")
                        {
                            Default = "per_tensor",
                            When = WhenCalibrated,
                            Silicon =
                                "Per channel needs a shift or multiplier register per output "
                                    + "channel.",
                        },
                        new(
                            "encoding", new WordType(["twos_complement", "bipolar"]),
                            "What bits stand for.")
                        {
                            Default = "twos_complement",
                            Silicon =
                                "The bits of `bipolar` are -1 and +1: b of them make the odd "
                                    + "numbers of -(2^b - 1)..2^b - 1, no zero. One bit makes a "
                                    + "product an XNOR or a sign change, and its scale, where "
                                    + "calibrated, is the mean magnitude. One bit of two's "
                                    + "complement has -1 and 0.",
                        },
                    ]
                :
                [
                    new("affine", new BooleanType(), "Whether a zero point other than 0 is legal.")
                    {
                        Default = "false",
                        When = WhenCalibrated,
                        Silicon =
                            "A zero point costs an adder at the output, and a correction in the "
                                + "bias or a wider multiplier (mac.zero_point).",
                    },
                ],
            new(
                "narrow_range", new BooleanType(),
                "Leaves out the lowest value, as in [-127, 127].")
            {
                Default = "false",
                When = new("signed", "true", "auto"),
                Silicon = "Makes the range symmetric, and keeps -128 * -128 from happening.",
            },
            .. isInput
                ? (ImmutableArray<KeySpec>)
                    [
                        new(
                            "pixels", new WordType(["bytes", "real"]),
                            "How an image gets in: as its bytes, or as real numbers in 0..1.")
                        {
                            Default = "bytes",
                            When = WhenCalibrated,
                            Silicon =
                                "`bytes` wires a camera's 8 bits to the input's: 8 unsigned bits "
                                    + "are the byte, fewer are rounded. `real` means a host that "
                                    + "multiplies each pixel by a scale chosen from data.",
                        },
                    ]
                : [],
            new(
                "calibration", new WordType(["min_max", "percentile", "mse"]),
                "How the range is picked from data.")
            {
                Default = "min_max",
                When = isInput ? WhenReal : WhenCalibrated,
                Silicon = "None: this happens in the toolchain.",
            },
            new("percentile", new NumberType(50, 100), "How much of the absolute range is kept.")
            {
                Default = "99.9",
                Unit = "percent",
                When = new("calibration", "percentile"),
                Silicon = "None: this happens in the toolchain.",
            },
        ];

    /// <summary>Of formats with a fixed binary point: products and biases.</summary>
    public static ImmutableArray<KeySpec> Fixed(long maxBits, string rounding, string overflow) =>
        [
            Notation(null, 64),
            Bits(1, maxBits),
            new("fraction_bits", new IntegerType(-64, 64), "Where the binary point is.")
            {
                IsRequired = true,
                Unit = "bits",
                Silicon = "Which bits of the result are wired on.",
            },
            new("signed", new BooleanType(), "Whether values may be negative.")
            {
                Default = "true",
                Silicon = "Two's complement, or one bit more of magnitude.",
            },
            RoundingKey(rounding, "Rounding of every conversion into this format."),
            OverflowKey(overflow),
            SaturationBits(),
        ];

    /// <summary>Of accumulators.</summary>
    public static ImmutableArray<KeySpec> Accumulator { get; } =
    [
        Notation(Product, 64),
        Bits(2, 64),
        new("fraction_bits", new IntegerType(-64, 64, Product), "Where the binary point is.")
        {
            Default = Product,
            Unit = "bits",
            Silicon =
                "`product` aligns the register with the product, so that it adds integers and "
                    + "never rounds.",
        },
        new("signed", new BooleanType(), "Whether it holds negative sums.")
        {
            Default = "true",
            Silicon = "Two's complement, or one bit more for sums that cannot be negative.",
        },
        RoundingKey("TRN", "Rounding of every update."),
        OverflowKey("WRAP"),
        SaturationBits(),
        new(
            "when", new WordType(["every_update", "end"]),
            "When a sum is converted to the accumulator's format.")
        {
            Default = "every_update",
            Silicon =
                "A register is that wide at every update; `end` models a wider register whose "
                    + "result alone is narrowed.",
        },
        new("start", new WordType(["bias", "zero"]), "What it holds before the first update.")
        {
            Default = "bias",
            Silicon =
                "Preloaded with the bias, or cleared and the bias added as one more update at the "
                    + "end.",
        },
    ];

    private static KeySpec Notation(string? openPoint, int maxBits) =>
        new(
            "format", new FormatNotationType(openPoint, maxBits),
            "A notation in place of the keys it stands for.");

    private static KeySpec Bits(long min, long max) =>
        new("bits", new IntegerType(min, max), "Width.")
        {
            IsRequired = true,
            Unit = "bits",
            Silicon = "Wires and flip-flops.",
        };

    private static KeySpec RoundingKey(string fallback, string summary) =>
        new("rounding", Rounding, summary)
        {
            Default = fallback,
            Silicon = "TRN drops bits for free; the others cost an adder, or random bits.",
        };

    private static KeySpec OverflowKey(string fallback) =>
        new("overflow", Overflow, "What happens to a value outside the range, after rounding.")
        {
            Default = fallback,
            Silicon = "WRAP drops bits for free; saturation costs a comparison and a multiplexer.",
        };

    private static KeySpec SaturationBits() =>
        new(
            "saturation_bits", new IntegerType(0, 64),
            "N of ap_fixed: the bits that saturate when the rest wraps.")
        {
            Default = "0",
            Unit = "bits",
            Alias = "n",
            When = WhenWrapping,
            Silicon = "A few top bits clamp so that the sign survives a wrap.",
        };
}
