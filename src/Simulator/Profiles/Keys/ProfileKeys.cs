using System.Collections.Immutable;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Formats;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>
/// Every key of a hardware profile. Validation, error messages, hardware-profiles/README.md's
/// completeness test and the JSON Schema all come from this table.
/// </summary>
public static class ProfileKeys
{
    /// <summary>The version of the format.</summary>
    public const string Schema = "qsim/hardware-profile/1";

    /// <summary>
    /// The stages that each layer type has; the others would have no effect on it.
    /// </summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> StagesOfType { get; } =
        ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal,
            new Dictionary<string, ImmutableArray<string>>
            {
                ["conv2d"] = ["weight", "bias", "mac", "requantize", "activation"],
                ["depthwise_conv2d"] = ["weight", "bias", "mac", "requantize", "activation"],
                ["dense"] = ["weight", "bias", "mac", "requantize", "activation"],
                ["relu"] = ["activation"],
                ["sigmoid"] = ["table", "activation"],
                ["tanh"] = ["table", "activation"],
                ["softmax"] = ["softmax", "activation"],
                ["average_pool2d"] = ["pooling"],
                ["add"] = ["residual_add", "requantize", "activation"],
                ["concat"] = ["residual_add", "requantize", "activation"],
            });

    /// <summary>
    /// Whether layers of a type have a stage; pooling by maximum and reshaping have none.
    /// </summary>
    public static bool HasStage(string type, string stage) =>
        StagesOfType.TryGetValue(type, out ImmutableArray<string> stages) && stages.Contains(stage);

    /// <summary>The layer types that a profile may match.</summary>
    public static ImmutableArray<string> LayerTypes { get; } = [.. StagesOfType.Keys];

    /// <summary>The JSON Schema of a profile.</summary>
    public static string JsonSchema() =>
        JsonSchemaWriter.Write(Root, "QSim hardware profile", "extends");

    /// <summary>The type of <c>activation</c> and <c>output</c>.</summary>
    public static FormatMapType ActivationFormat { get; } =
        new(FormatKeys.Calibrated, 32, FormatKeys.Tensor(isWeight: false));

    private static FormatMapType Input { get; } =
        new(FormatKeys.Calibrated, 32, FormatKeys.Tensor(isWeight: false, isInput: true));

    private static FormatMapType Weight { get; } =
        new(FormatKeys.Calibrated, 32, FormatKeys.Tensor(isWeight: true));

    private static WordOrMapType Bias { get; } = new(
        "accumulator", new FormatMapType(null, 64, FormatKeys.Fixed(64, "RND_CONV", "SAT")));

    private static WordOrMapType Product { get; } = new(
        "exact", new FormatMapType(null, 64, FormatKeys.Fixed(64, "TRN", "WRAP")));

    private static MapType Mac { get; } =
        new([
            new("product", Product, "The format of products; `exact` keeps every bit.")
            {
                Default = "exact",
                Silicon =
                    "A multiplier's output is exact; designs that narrow it save adder width.",
            },
            new(
                "lanes", new IntegerType(1, 65536, "all"),
                "Products summed exactly before each update.")
            {
                Default = "1",
                Unit = "products",
                Silicon =
                    "Width of the adder tree: 1 is a sequential multiply-accumulate unit, `all` a "
                        + "fully unrolled one.",
            },
            new(
                "order", new WordType(["channel_last", "channel_first", "interleave"]),
                "Order of the products.")
            {
                Default = "channel_last",
                Silicon =
                    "The loop nest: (row, column, channel) or (channel, row, column), innermost "
                        + "last; `interleave` strides through channel_last order, as a reuse "
                        + "factor does.",
            },
            new("interleave", new IntegerType(1, 65536), "The stride of an interleaved order.")
            {
                Default = "1",
                Unit = "products",
                When = new("order", "interleave"),
                Silicon = "hls4ml's reuse factor: how many products share one multiplier.",
            },
            new(
                "zero_point", new WordType(["folded", "subtracted"]),
                "Where the input's zero point goes.")
            {
                Default = "folded",
                Silicon =
                    "Into the bias ahead of time, or off every input at the multiplier, one bit "
                        + "wider.",
            },
            new(
                "accumulator", new FormatMapType(FormatKeys.Product, 64, FormatKeys.Accumulator),
                "The accumulator.")
            {
                IsRequired = true,
                Silicon = "The register that every update writes.",
            },
        ]);

    private static ShorthandMapType Requantize { get; } =
        new(
            "kind",
            [
                new(
                    "kind",
                    new WordType([
                        "cast",
                        "shift",
                        "multiplier_double",
                        "multiplier_single",
                        "real",
                    ]),
                    "How an accumulator becomes an output.")
                {
                    Default = "cast",
                    Silicon =
                        "Wiring (cast), a rounding shifter (shift), a 32-bit multiplier with two "
                            + "roundings (multiplier_double: gemmlowp, TFLite) or one "
                            + "(multiplier_single), or a float32 multiply (real).",
                },
                new(
                    "rounding", new PrefixedWordType([.. FormatKeys.Rounding.Words, "output"]),
                    "Rounding of the shift; `output` is the rounding of the output's own format.")
                {
                    Default = "output",
                    When = new("kind", "shift"),
                    Silicon = "Half an output step added before the shift, or more logic for ties.",
                },
                new(
                    "multiplier_bits", new IntegerType(2, 32),
                    "Width of the multiplier, its sign bit counted.")
                {
                    Default = "32",
                    Unit = "bits",
                    When = new("kind", "multiplier_double", "multiplier_single"),
                    Silicon = "The constant operand of the requantization multiplier.",
                },
            ]);

    private static ImmutableArray<KeySpec> Stages { get; } =
    [
        new("weight", Weight, "Format of weights.")
        {
            IsRequired = true,
            Silicon = "Width of the weight memory.",
        },
        new("activation", ActivationFormat, "Format of what a layer writes.")
        {
            IsRequired = true,
            Silicon = "Width of the activation memory.",
        },
        new(
            "bias", Bias,
            "Format of biases; `accumulator` stores them in the accumulator's own format.")
        {
            Default = "accumulator",
            Silicon =
                "Width of the bias memory; a narrower one is aligned with the accumulator when "
                    + "loaded.",
        },
        new("mac", Mac, "The multiply-accumulate unit.")
        {
            IsRequired = true,
            Silicon = "Multipliers, an adder tree, and the register that their sums go to.",
        },
        new("requantize", Requantize, "From accumulator to output.")
        {
            Default = "",
            Silicon = "The stage between the accumulator and the activation memory.",
        },
        .. FunctionKeys.Stages,
    ];

    /// <summary>The keys that layers may override.</summary>
    public static MapType StageMap { get; } = new(Stages);

    /// <summary>Whether a key of the profile is a stage of its layers.</summary>
    public static bool IsStage(string key) => StageMap.Find(key) is not null;

    private static MapType Match { get; } = new(
    [
        new("type", new WordType(LayerTypes), "A layer type."),
        new("name", new TextType(200), "A layer's name, or a glob with `*` and `?`."),
    ])
    {
        LeastKeys = 1,
        MostKeys = 1,
    };

    /// <summary>One item of <c>layers</c>.</summary>
    public static MapType Override { get; } = new(
    [
        new("match", Match, "Which layers: by type, or by name.") { IsRequired = true },
        .. Stages.Select(s => s with { IsRequired = false, Default = null }),
    ])
    {
        LeastKeys = 2,
    };

    /// <summary>The whole profile.</summary>
    public static MapType Root { get; } =
        new([
            new("schema", new WordType([Schema]), "Version of this format.")
            {
                IsRequired = true,
                IsRequiredInEveryFile = true,
            },
            new("name", new TextType(64, IsName: true), "Name of the profile.")
            {
                IsRequired = true,
                IsRequiredInEveryFile = true,
            },
            new("summary", new TextType(200), "One line about it."),
            new(
                "source", new TextType(4000),
                "Where its facts come from, and which of its values are choices."),
            new(
                "extends",
                new TextType(400),
                "A profile that this one is a variant of: a file beside it, a path"
                    + " that starts with `./`, `../` or `/`, or the name of a shipped profile."),
            new(
                "dialect", new WordType(["ap", "systemc"]),
                "Whose reading of the corner cases of wrapping.")
            {
                Default = "ap",
                Silicon =
                    "AMD's and Siemens' types differ from SystemC's for WRAP with saturation bits "
                        + "into an unsigned format, and for WRAP_SM.",
            },
            new("input", Input, "Format of the network's input.")
            {
                IsRequired = true,
                Silicon = "What the sensor or the host writes into the input memory.",
            },
            .. Stages,
            new(
                "output", ActivationFormat,
                "Format of the network's logits; what it leaves out is as in `activation`.")
            {
                Silicon =
                    "Often wider than activations, for the last layer may leave the accelerator "
                        + "unquantized.",
            },
            new(
                "layers", new ListType(Override, 1000),
                "Overrides, each for the layers that it matches."),
        ]);
}
