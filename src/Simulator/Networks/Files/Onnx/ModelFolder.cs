using QSim.Simulator.Files;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// The files beside a model in which its constants may lie. Links among them are followed as far as
/// ONNX Runtime follows them: within the model's folder or, where the model is a link itself,
/// within the folder that it leads to, as download caches have both.
/// </summary>
/// <param name="model">The model's path.</param>
internal sealed class ModelFolder(string model)
{
    private readonly string _folder = Path.GetDirectoryName(model) ?? "";
    private readonly Dictionary<string, byte[]> _read = [];

    /// <summary>What was read, in this order: paths and contents.</summary>
    public IReadOnlyList<(string Path, byte[] Content)> Files =>
        [.. _read.Select(r => (Path.Combine(_folder, r.Key), r.Value))];

    /// <summary>A file's bytes.</summary>
    /// <param name="location">Its path from the folder, without steps up.</param>
    /// <exception cref="InputException">It is not there, or somewhere else.</exception>
    public byte[] Read(string location)
    {
        if (_read.TryGetValue(location, out byte[]? known)) return known;
        string path = Path.Combine(_folder, location);
        if (WhyNot(path) is { } reason)
            throw new InputException(InputError.InBinary(path, reason));
        return _read[location] = NetworkBytes.Read(path);
    }

    private string? WhyNot(string path)
    {
        try
        {
            string real = RealPath.Of(path);
            string folder = RealPath.Of(_folder.Length > 0 ? _folder : ".");
            if (RealPath.IsBelow(real, folder)) return null;
            bool isCache = new FileInfo(model).LinkTarget is not null
                && RealPath.IsBelow(real, Path.GetDirectoryName(RealPath.Of(model))!);
            return isCache
                ? null
                : $"is a link out of the model's folder, to '{Brief.Name(real)}' (supported: "
                    + "files beside the model, or below it)";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
