using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Tflite;

namespace QSim.Simulator.Networks.Files;

/// <summary>A trained network that somebody else made.</summary>
/// <param name="Network">
/// Its batch norms are folded, or became 1x1 convolutions: hardware runs nothing else.
/// </param>
/// <param name="Files">What it was read from: path and content.</param>
public sealed record NetworkFile(
    FloatNetwork Network, IReadOnlyList<(string Path, byte[] Content)> Files)
{
    private static readonly string[] Endings = [".onnx", ".tflite", ".yaml", ".yml"];

    /// <summary>What may be loaded, for messages.</summary>
    public const string Supported =
        "a FILE.onnx or FILE.tflite, or a FILE.yaml (qsim/network/1, qsim/integer-network/1) with "
            + "its weights";

    /// <summary>The output that was chosen of a file with several; null for its only one.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// Why ONNX Runtime may give other values than its arithmetic here does; null for no reason.
    /// </summary>
    internal string? Doubt { get; init; }

    /// <summary>Whether a name is that of a file with a network, there or not.</summary>
    public static bool IsPath(string name) => Endings.Any(e =>
        Split(name).Path.EndsWith(e, StringComparison.OrdinalIgnoreCase)
        || name.Contains($"{e}#", StringComparison.OrdinalIgnoreCase));

    /// <summary><c>FILE.onnx#OUTPUT</c>: a file, and which of its outputs are the logits.</summary>
    internal static (string Path, string? Output) Split(string name)
    {
        const string Mark = ".onnx#";
        int at = name.LastIndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        return at < 0 || File.Exists(name)
            ? (name, null)
            : (name[..(at + Mark.Length - 1)], name[(at + Mark.Length)..]);
    }

    /// <summary>Reads a network.</summary>
    /// <param name="name">
    /// See <see cref="Supported"/>; behind <c>FILE.onnx#</c> the name of an output.
    /// </param>
    /// <param name="images">
    /// Shape of the images that it is for; a network of features takes them flattened. Null for
    /// what the file says of its input.
    /// </param>
    /// <param name="isChannelsLast">
    /// Whether features of a flat ONNX network count channels last.
    /// </param>
    /// <exception cref="InputException">
    /// There is no such file, it is damaged, or QSim cannot run what is in it.
    /// </exception>
    public static NetworkFile Load(
        string name, TensorShape? images = null, bool isChannelsLast = false)
    {
        (string path, string? output) = Split(name);
        if (output is null && !Endings.Any(e => path.EndsWith(
            e, StringComparison.OrdinalIgnoreCase)))
            throw new InputException(InputError.InBinary(
                path, "outputs are chosen of ONNX files alone (supported: FILE.onnx#NAME)"));
        byte[] content = NetworkBytes.Read(path);
        NetworkFile loaded = Import(content, path, output, images, isChannelsLast) with
        {
            Output = output,
        };
        FloatLayer? broken = loaded.Network.Layers.FirstOrDefault(l =>
            l.Parameters.Any(p => p.Any(v => !float.IsFinite(v))));
        return broken is null
            ? loaded
            : throw new InputException(InputError.InBinary(
                path, $"layer '{broken.Name}' has a weight that is not a finite number"));
    }

    private static string? Replaceable(string path, IReadOnlyList<string> constants) =>
        constants is [var first, ..]
            ? $"{path}: {constants.Count} of its constants are inputs of the graph, too (as "
                + $"'{Brief.Name(first)}'): ONNX Runtime lets a caller replace them and optimizes "
                + "less than onnxruntime-qlinear and from-model do, so values may be a step apart"
            : null;

    private static NetworkFile Import(
        byte[] content, string path, string? output, TensorShape? images, bool isChannelsLast)
    {
        try
        {
            if (path.EndsWith(".tflite", StringComparison.OrdinalIgnoreCase))
                return new(TfliteImporter.Import(content, path, images), [(path, content)]);
            if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            {
                (FloatNetwork written, (string, byte[])[] files) =
                    ArchitectureReader.Read(content, path, images);
                return new(written, files);
            }

            OnnxModel model = OnnxImporter.Read(content, path, new ModelFolder(path));
            if (output is not null) model = OnnxImporter.Chosen(model, path, output);
            FloatNetwork network = OnnxImporter.Import(
                model, path, images ?? GraphInput.Declared(model, path), isChannelsLast);
            return new(
                BatchNormFolding.ForHardware(network), [(path, content), .. model.Beside])
            {
                Doubt = network.IsQuantized ? Replaceable(path, model.Replaceable) : null,
            };
        }
        catch (SizeException e)
        {
            throw new InputException(InputError.InBinary(path, e.Message));
        }
    }
}
