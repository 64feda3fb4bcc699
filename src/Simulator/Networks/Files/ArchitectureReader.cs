using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Integers;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files;

/// <summary>
/// Reads a network that is written down: layers in YAML, weights in numpy's, safetensors' or
/// PyTorch's format under the names and in the layouts of PyTorch's <c>state_dict</c>. Channels,
/// features and kernels follow from the weights.
/// </summary>
internal static class ArchitectureReader
{
    /// <summary>Reads a file and the weights beside it.</summary>
    /// <exception cref="InputException">Something in them is wrong; says where.</exception>
    public static NetworkFile Read(byte[] content, string path, TensorShape? asked)
    {
        MapNode written = Widened(DocumentReader.Read(content, path));
        if (written.Text("schema") == IntegerKeys.Schema)
            return IntegerReader.Read(written, content, path, asked);
        MapNode root = Resolved(written, ArchitectureKeys.Root);
        TensorShape images = Input(root, root["input"], asked);
        string file = Path.Combine(Path.GetDirectoryName(path) ?? "", root.Text("weights")!);
        byte[] bytes = NetworkFile.ReadBytes(file, file);
        var weights = new WeightFile(bytes, file, root.Text("prefix") ?? "");
        var build = new ArchitectureBuilder(images, weights);
        foreach (DocumentNode layer in ((ListNode)root["layers"]!).Items) build.Add((MapNode)layer);
        string name = root.Text("name") ?? Path.GetFileNameWithoutExtension(path);
        if (build.Layers.Count == 0)
            throw new InputException(root["layers"]!.Error("there are no layers"));
        var network = new FloatNetwork(name, images, [.. build.Layers]);
        return new(BatchNormFolding.ForHardware(network), [(path, content), (file, bytes)]);
    }

    /// <summary>A document in one spelling and with all defaults, its layers, too.</summary>
    /// <exception cref="InputException">Something in it is wrong; says where.</exception>
    public static MapNode Resolved(MapNode written, MapType type)
    {
        var errors = new List<InputError>();
        var normal = (MapNode)new DocumentValidator(errors).Normalize(written, type);
        MapNode root = new DocumentResolver(errors).Resolve(normal, type);
        var layer = (MapType)((ListType)type.Find("layers")!.Type).Item;
        if (errors.Count == 0 && root["layers"] is ListNode list)
            root = root.With("layers", list with
            {
                Items = [.. list.Items.Select(l => l is MapNode map
                    ? new DocumentResolver(errors).Resolve(map, layer)
                    : l)],
            });
        return errors.Count > 0 ? throw new InputException(errors) : root;
    }

    /// <summary>
    /// A number that stands for all directions, written out; two for four sides, too.
    /// </summary>
    private static MapNode Widened(MapNode root)
    {
        if (root["layers"] is not ListNode layers) return root;
        return root.With("layers", layers with
        {
            Items = [.. layers.Items.Select(l => l is MapNode layer
                ? layer with { Entries = [.. layer.Entries.Select(Widened)] }
                : l)],
        });
    }

    private static MapEntry Widened(MapEntry entry) =>
        entry.Value is ScalarNode scalar
        && ArchitectureKeys.Windows.TryGetValue(entry.Key, out int count)
            ? entry with
            {
                Value = new ListNode(
                    scalar.Position, scalar.Path,
                    [.. Enumerable.Repeat<DocumentNode>(scalar, count)]),
            }
            : entry;

    /// <summary>The shape of the images, as the file or the caller says it.</summary>
    public static TensorShape Input(MapNode root, DocumentNode? node, TensorShape? asked)
    {
        if (node is not ListNode input)
            return asked ?? throw new InputException(root.Error(
                "input: it does not say the shape of an image, as in input: [1, 28, 28]"));
        int[] extents = Numbers(input);
        if (extents.Length == 3
            && Sizes.WhyNot(new(extents[0], extents[1], extents[2])) is { } reason)
            throw new InputException(input.Error(reason));
        if (extents.Length == 3 && (asked is null
            || new TensorShape(extents[0], extents[1], extents[2]) == asked))
            return new(extents[0], extents[1], extents[2]);
        throw new InputException(input.Error(
            asked is null
                ? $"{string.Join('x', extents)} (supported: channels, rows, columns)"
                : $"takes {string.Join('x', extents)} images, but those of the data are {asked}"));
    }

    /// <summary>The numbers of a list.</summary>
    public static int[] Numbers(ListNode list) =>
        [
            .. list
                .Items.OfType<ScalarNode>()
                .Select(i => int.Parse(i.Text, CultureInfo.InvariantCulture)),
        ];
}
