using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Formats;

namespace QSim.Simulator.Profiles.Keys;

/// <summary>
/// Every key of a hardware profile. Validation, error messages, hardware-profiles/README.md's
/// completeness test and the JSON Schema all come from this table.
/// </summary>
internal static class ProfileKeys
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
                ["multiply"] = ["requantize", "activation"],
            }.Concat(PointLayer.Kinds.Values.Select(kind =>
                KeyValuePair.Create(kind, ImmutableArray.Create("activation")))));

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

    private static readonly ValueFormat BlankFormat = new()
    {
        Bits = 0,
        Signedness = Signedness.Signed,
    };

    /// <summary>A layer before any key has said anything.</summary>
    private static readonly LayerDatapath BlankLayer = new()
    {
        Weight = BlankFormat,
        Accumulator = new() { Bits = 0 },
        Requantize = new() { Kind = RequantizeKind.Cast },
        Output = BlankFormat,
    };

    private static WordOrMapType Bias { get; } = new(
        "accumulator", new FormatMapType(null, 64, FormatKeys.Fixed(64, "RND_CONV", "SAT")));

    private static ImmutableArray<KeySpec> Stages { get; } =
    [
        Key.Part(
            "weight", Weight, "Format of weights.", BlankFormat,
            (LayerDatapath l, ValueFormat v) => l with { Weight = v }) with
        {
            IsRequired = true,
            Silicon = "Width of the weight memory.",
        },
        Key.Part(
            "activation", ActivationFormat, "Format of what a layer writes.", BlankFormat,
            (LayerDatapath l, ValueFormat v) => l with { Output = v }) with
        {
            IsRequired = true,
            Silicon = "Width of the activation memory.",
        },
        Key.OptionalPart(
            "bias", Bias,
            "Format of biases; `accumulator` stores them in the accumulator's own format.",
            RegisterFormat.Blank,
            (LayerDatapath l, RegisterFormat? v) => l with { Bias = v }) with
        {
            Default = "accumulator",
            Silicon =
                "Width of the bias memory; a narrower one is aligned with the accumulator when "
                    + "loaded.",
        },
        Key.Group<LayerDatapath>("mac", MacKeys.Mac, "The multiply-accumulate unit.") with
        {
            IsRequired = true,
            Silicon = "Multipliers, an adder tree, and the register that their sums go to.",
        },
        Key.Part(
            "requantize", MacKeys.Requantize, "From accumulator to output.",
            new RequantizeStage { Kind = RequantizeKind.Cast },
            (LayerDatapath l, RequantizeStage v) => l with { Requantize = v }) with
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

    /// <summary>What a resolved mapping of stages says about a layer.</summary>
    internal static LayerDatapath Layer(MapNode stages, OverflowDialect dialect) =>
        StageMap.Bind(BlankLayer, stages) with { Dialect = dialect };

    /// <summary>
    /// What a resolved mapping says about the network's input. An unsigned format whose bits are
    /// all fraction bits cannot hold 1, and holds a byte's bits at the top: it takes bytes.
    /// </summary>
    internal static ValueFormat InputFormat(MapNode map)
    {
        ValueFormat format = Input.Bind(BlankFormat, map);
        if (format.IsCalibrated) return format;
        bool takesBytes =
            format.Signedness == Signedness.Unsigned && format.FractionBits == format.Bits;
        return format with { Pixels = takesBytes ? PixelEncoding.Bytes : PixelEncoding.Real };
    }

    /// <summary>The dialect that a profile runs.</summary>
    internal static OverflowDialect Dialect(MapNode root) =>
        root["dialect"] is ScalarNode word ? Dialects.Value(word) : OverflowDialect.Ap;

    private static WordType<OverflowDialect> Dialects { get; } =
        new(("ap", OverflowDialect.Ap), ("systemc", OverflowDialect.SystemC));

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
                "dialect", Dialects,
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
