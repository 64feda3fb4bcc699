using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files.Integers;

/// <summary>
/// Reads a network of ready-made integers: layers and formats in YAML; weights, biases, multipliers
/// and shifts in numpy's or safetensors' format. What they stand for in real numbers follows from
/// the scales: that is the float network beside the hardware, and what gradients are of.
/// </summary>
internal static class IntegerReader
{
    /// <summary>Reads a document and the arrays beside it.</summary>
    /// <param name="written">The document, numbers for all directions written out.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its file.</param>
    /// <param name="asked">Shape of the images; null for the document's.</param>
    /// <exception cref="InputException">Something in them is wrong; says where.</exception>
    public static (FloatNetwork Network, (string Path, byte[] Content)[] Files) Read(
        MapNode written, byte[] content, string path, TensorShape? asked)
    {
        MapNode root = ArchitectureDocument.Resolved(written, IntegerKeys.Root);
        string file = Path.Combine(Path.GetDirectoryName(path) ?? "", root.Text("weights")!);
        byte[] bytes = NetworkBytes.Read(file);
        return (
            Network(root, bytes, file, Path.GetFileNameWithoutExtension(path), asked),
            [(path, content), (file, bytes)]);
    }

    /// <summary>The network of a document and its arrays.</summary>
    /// <param name="root">The document, complete.</param>
    /// <param name="bytes">The arrays' file.</param>
    /// <param name="file">Its name.</param>
    /// <param name="name">The network's, where the document says none.</param>
    /// <param name="asked">Shape of the images; null for the document's.</param>
    /// <exception cref="InputException">Something in them is wrong; says where.</exception>
    public static FloatNetwork Network(
        MapNode root, byte[] bytes, string file, string name, TensorShape? asked)
    {
        var input = (MapNode)root["input"]!;
        TensorShape images = ArchitectureDocument.Input(root, input["shape"], asked);
        var build = new IntegerBuilder(
            images, new WeightFile(bytes, file, root.Text("prefix") ?? ""));
        build.Input(input);
        var layers = (ListNode)root["layers"]!;
        if (layers.Items.IsEmpty) throw new InputException(layers.Error("there are no layers"));
        foreach (MapNode layer in layers.Items.Cast<MapNode>()) build.Add(layer);
        return new(root.Text("name") ?? name, images, [.. build.Layers]);
    }
}
