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
    public static (FloatNetwork Network, (string Path, byte[] Content)[] Files) Read(
        byte[] content, string path, TensorShape? asked)
    {
        MapNode written = Widened(DocumentReader.Read(content, path));
        if (written.Text("schema") == ArchitectureKeys.IntegerSchema)
            return IntegerReader.Read(written, content, path, asked);
        MapNode root = ArchitectureDocument.Resolved(written, ArchitectureKeys.Root);
        TensorShape images = ArchitectureDocument.Input(root, root["input"], asked);
        string file = Path.Combine(Path.GetDirectoryName(path) ?? "", root.Text("weights")!);
        byte[] bytes = NetworkBytes.Read(file);
        var weights = new WeightFile(bytes, file, root.Text("prefix") ?? "");
        var build = new ArchitectureBuilder(images, weights);
        foreach (DocumentNode layer in ((ListNode)root["layers"]!).Items) build.Add((MapNode)layer);
        string name = root.Text("name") ?? Path.GetFileNameWithoutExtension(path);
        if (build.Layers.Count == 0)
            throw new InputException(root["layers"]!.Error("there are no layers"));
        var network = new FloatNetwork(name, images, [.. build.Layers]);
        return (BatchNormFolding.ForHardware(network), [(path, content), (file, bytes)]);
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
}
