using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files;

/// <summary>Every key of a <c>qsim/network/1</c> file.</summary>
internal static class ArchitectureKeys
{
    /// <summary>What files of ready-made integers say.</summary>
    public const string IntegerSchema = "qsim/integer-network/1";

    /// <summary>A channel's values together, as PyTorch flattens.</summary>
    public const string ChannelsFirst = "channels_first";

    /// <summary>A position's values together, as Keras flattens.</summary>
    public const string ChannelsLast = "channels_last";

    private const int MostExtent = 1 << 20;

    /// <summary>Keys whose one number stands for as many as there are directions.</summary>
    public static IReadOnlyDictionary<string, int> Windows { get; } = new Dictionary<string, int>
    {
        ["kernel"] = 2,
        ["stride"] = 2,
        ["dilation"] = 2,
        ["padding"] = 4,
    };

    private static readonly Condition Windowed = new(
        "type", "conv2d", "max_pool2d", "average_pool2d");

    private static MapType Layer { get; } =
        new([
            new("type", new WordType([.. ArchitectureBuilder.Types]), "What the layer does.")
            {
                IsRequired = true,
            },
            new(
                "name", new TextType(200),
                "Unique; weights are NAME.weight and NAME.bias. Default: type and number."),
            new(
                "inputs", new ListType(new TextType(200), 64),
                "Layers that it reads, 'input' for the image; without it the one before."),
            new("kernel", Numbers(2), "Rows and columns of a pool's window.")
            {
                When = new("type", "max_pool2d", "average_pool2d"),
            },
            new("stride", Numbers(2), "Step; of pools, by default, the kernel.")
            {
                When = Windowed,
            },
            new("padding", Numbers(4, 0), "Above, left, below, right.") { When = Windowed },
            new("dilation", Numbers(2), "Distance between a filter's taps.")
            {
                When = new("type", "conv2d"),
            },
            new("groups", new IntegerType(1, MostExtent), "Groups of channels that do not mix.")
            {
                When = new("type", "conv2d"),
            },
            new(
                "order", new WordType([ChannelsFirst, ChannelsLast]),
                "Which values come first: those of a channel, or of a position (Keras).")
            {
                When = new("type", "flatten"),
            },
            new("epsilon", new NumberType(0, 1), "Added to the variance.")
            {
                When = new("type", "batch_norm"),
            },
        ]);

    /// <summary>The document.</summary>
    public static MapType Root { get; } =
        new([
            new(
                "schema", new WordType(["qsim/network/1", IntegerSchema]),
                "The version of the format.")
            {
                IsRequired = true,
            },
            new("name", new TextType(200), "The network's name, for reports."),
            new(
                "weights", new TextType(1000),
                "A .npz, .safetensors, .pt or .pth file beside this one.")
            {
                IsRequired = true,
            },
            new(
                "prefix", new TextType(200),
                "What stands before every array's name, as state_dict. in a checkpoint."),
            new("input", Numbers(3), "Channels, rows and columns of an image."),
            new("layers", new ListType(Layer, NetworkBytes.MostLayers), "In order.")
            {
                IsRequired = true,
            },
        ]);

    /// <summary>A window as its keys say it; a pool's has neither dilation nor groups.</summary>
    public static IEnumerable<string> Written(WindowGeometry window, bool isPool)
    {
        if (isPool) yield return $"kernel: [{window.KernelRows}, {window.KernelColumns}]";
        yield return $"stride: [{window.StrideRows}, {window.StrideColumns}]";
        yield return $"padding: [{window.PadTop}, {window.PadLeft}, {window.PadBottom}, "
            + $"{window.PadRight}]";
        if (isPool) yield break;
        yield return $"dilation: [{window.DilationRows}, {window.DilationColumns}]";
        yield return $"groups: {window.Groups}";
    }

    /// <summary>As many whole numbers.</summary>
    internal static ListType Numbers(int count, int least = 1) =>
        new(new IntegerType(least, MostExtent), count);
}
