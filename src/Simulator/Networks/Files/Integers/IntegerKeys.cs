using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles.Documents;
using QSim.Simulator.Profiles.Keys;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Networks.Files.Integers;

/// <summary>Every key of a <c>qsim/integer-network/1</c> file.</summary>
internal static class IntegerKeys
{
    /// <summary>The version of the format.</summary>
    public const string Schema = ArchitectureKeys.IntegerSchema;

    /// <summary>No bound.</summary>
    public const string Open = "none";

    private const double Most = 1e30;

    private static readonly string[] Moving = ["flatten", "rearrange"];

    /// <summary>Types that may read several tensors.</summary>
    public static readonly string[] Joining = ["add", "concat", "multiply"];

    /// <summary>Types that are a function of each value.</summary>
    public static string[] Functions { get; } =
        ["sigmoid", "tanh", .. PointLayer.Kinds.Values.Where(k => k != "clip")];

    /// <summary>The layer types.</summary>
    public static string[] Types { get; } =
    [
        "conv2d", "dense", "max_pool2d", "average_pool2d", "global_average_pool2d", .. Moving,
        .. Joining, "relu", "clip", "softmax", "requantize", .. Functions,
    ];

    /// <summary>How requantizations are written.</summary>
    public static IReadOnlyDictionary<string, DeclaredKind> Kinds { get; } =
        new Dictionary<string, DeclaredKind>
        {
            ["shift"] = DeclaredKind.Shift,
            ["multiplier"] = DeclaredKind.Multiplier,
            ["real"] = DeclaredKind.Real,
            ["none"] = DeclaredKind.None,
        };

    private static Condition Mac { get; } = new("type", "conv2d", "dense");

    private static Condition Windowed { get; } =
        new("type", "conv2d", "max_pool2d", "average_pool2d");

    private static ImmutableArray<KeySpec> Format { get; } =
    [
        new("bits", new IntegerType(1, 32), "Width of a raw value.") { IsRequired = true },
        new("signed", new BooleanType(), "Whether raw values may be negative.")
        {
            Default = "true",
        },
        new("scale", new NumberType(0, Most), "Real value of one raw step."),
        new("fraction_bits", new IntegerType(-64, 64), "F where that is 2^-F."),
        new("zero_point", new IntegerType(int.MinValue, int.MaxValue), "The raw value of 0.")
        {
            Default = "0",
        },
        new(
            "narrow_range", new BooleanType(),
            "Whether the least raw value is the largest's negative, or what the profile says.")
        {
            Default = "false",
        },
    ];

    /// <summary>Units of the network's own, which no profile states.</summary>
    public static IReadOnlyDictionary<string, QuantizerUnit> Units { get; } =
        new Dictionary<string, QuantizerUnit>
        {
            ["requantization"] = QuantizerUnit.Requantization,
            ["sign"] = QuantizerUnit.Sign,
            ["shift"] = QuantizerUnit.Shift,
        };

    /// <summary>Roundings of a shift of the network's own, by their names in profiles.</summary>
    public static IReadOnlyDictionary<string, RoundingMode> Roundings { get; } =
        FormatKeys.Rounding.Rows.Where(r => r.Value != RoundingMode.Stochastic)
            .ToDictionary(r => r.Word, r => r.Value);

    private static ImmutableArray<KeySpec> Output { get; } =
    [
        .. Format,
        new(
            "unit", new WordType([.. Units.Keys]),
            "What makes it: the profile's requantization; sign: 1 for sums of 0 and more, else -1; "
                + "shift: bits of sums are dropped, on every profile in the same way.")
        {
            Default = "requantization",
        },
        new(
            "rounding", new WordType([.. Roundings.Keys]),
            "Of unit: shift: what happens to bits that are dropped.")
        {
            When = new("unit", "shift"),
            Default = "TRN",
        },
    ];

    /// <summary>Words of <c>quotient</c>.</summary>
    public const string Exact = "exact", Float32 = "float32";

    private static MapType Input { get; } = new([
        new("shape", ArchitectureKeys.Numbers(3), "Channels, rows and columns of an image.")
        {
            IsRequired = true,
        },
        .. Format,
        new(
            "levels", new NumberType(0, 256),
            "Bytes go in: how many of their 256 values one raw step is. Without it pixels in 0..1 "
                + "are divided by the scale."),
        new(
            "black", new IntegerType(int.MinValue, int.MaxValue),
            "Of bytes: the raw value of a black pixel. Default: 0."),
        new(
            "quotient", new WordType([Exact, Float32]),
            "Of pixels and the scale: exact, or rounded to float32 before it is rounded to an "
                + "integer, as ONNX's QuantizeLinear has it.")
        {
            Default = Exact,
        },
        new(
            "pixel_scale", Reals, "What pixels in 0..1 are multiplied by first, one per channel."),
        new("pixel_shift", Reals, "What is added then, one per channel."),
    ]);

    private static MapType Layer { get; } = new([
        new("type", new WordType([.. Types]), "What the layer does.") { IsRequired = true },
        new(
            "name", new TextType(200),
            "Unique; its arrays are NAME.weight, NAME.bias and so on. Default: type and number."),
        new(
            "inputs", new ListType(new TextType(200), 64),
            "Layers that it reads, 'input' for the image; without it the one before."),
        new("kernel", ArchitectureKeys.Numbers(2), "Rows and columns of a pool's window.")
        {
            When = new("type", "max_pool2d", "average_pool2d"),
        },
        new("stride", ArchitectureKeys.Numbers(2), "Step; of pools, by default, the kernel.")
        {
            When = Windowed,
        },
        new("padding", ArchitectureKeys.Numbers(4, 0), "Above, left, below, right.")
        {
            When = Windowed,
        },
        new("dilation", ArchitectureKeys.Numbers(2), "Distance between a filter's taps.")
        {
            When = new("type", "conv2d"),
        },
        new("groups", new IntegerType(1, 1 << 20), "Groups of channels that do not mix.")
        {
            When = new("type", "conv2d"),
        },
        new("weight_bits", new IntegerType(1, 32), "Width of a raw weight.")
        {
            When = Mac,
            Default = "8",
        },
        new("weight_signed", new BooleanType(), "Whether raw weights may be negative.")
        {
            When = Mac,
            Default = "true",
        },
        new(
            "requantize", new WordType([.. Kinds.Keys]),
            "How a sum becomes an output: NAME.shift; NAME.multiplier and NAME.shift; "
                + "NAME.real_scale; not at all.")
        {
            When = Mac,
        },
        new(
            "zero_point_in_bias", new BooleanType(),
            "Whether biases hold -zero_point * sum(weights) of the input already.")
        {
            When = Mac,
            Default = "false",
        },
        new(
            "order", new WordType([ArchitectureKeys.ChannelsFirst, ArchitectureKeys.ChannelsLast]),
            "Which values come first: those of a channel, or of a position.")
        {
            When = new("type", "flatten"),
        },
        new("shape", ArchitectureKeys.Numbers(3), "What NAME.sources makes of the input.")
        {
            When = new("type", "rearrange"),
        },
        new("parameters", Reals, "Of a function that has any, as 0.1 of leaky_relu.")
        {
            When = new("type", [.. Functions]),
        },
        new(
            "clamp", new ListType(new IntegerType(-Bound, Bound, Open), 2),
            "The least and the largest raw output, or none: what a fused activation does.")
        {
            When = new(
                "type", "conv2d", "dense", "average_pool2d", "global_average_pool2d", "clip",
                "requantize", "add", "concat", "multiply"),
        },
        new("output", new MapType(Output), "Format of what it writes.")
        {
            When = new(
                "type",
                [.. Types.Except([.. Moving, "max_pool2d"])]),
        },
    ]);

    /// <summary>The document.</summary>
    public static MapType Root { get; } = new([
        new("schema", new WordType([Schema]), "The version of the format.") { IsRequired = true },
        new("name", new TextType(200), "The network's name, for reports."),
        new(
            "weights", new TextType(1000),
            "A .npz or .safetensors file beside this one, with integers.")
        {
            IsRequired = true,
        },
        new("prefix", new TextType(200), "What stands before every array's name."),
        new("input", Input, "The image.") { IsRequired = true },
        new("layers", new ListType(Layer, NetworkBytes.MostLayers), "In order.")
        {
            IsRequired = true,
        },
    ]);

    private const long Bound = 1L << 40;

    private static ListType Reals => new(new NumberType(-Most, Most), 1 << 12);
}
