using QSim.Simulator.Files;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Profiles;

/// <summary>The bytes of one profile and how to name them.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Bytes">The content.</param>
/// <param name="Folder">Where <c>extends</c> looks first; null for a shipped profile.</param>
internal sealed record ProfileText(string Name, byte[] Bytes, string? Folder);

/// <summary>Finding profiles: shipped ones by name, files by path.</summary>
internal static class ProfileFiles
{
    /// <summary>The name that stands for the arithmetic of a quantized network.</summary>
    public const string FromModel = "from-model";

    /// <summary>What QuantizeLinear, DequantizeLinear and QLinear operators imply.</summary>
    private const string FormatsProfile = "onnxruntime-qlinear";

    /// <summary>What a user names on a command line: a file, or a shipped profile.</summary>
    public static ProfileText Open(string reference)
    {
        if (File.Exists(reference)) return FromDisk(reference, () => Missing(reference));
        if (reference == FromModel) reference = FormatsProfile;
        return FromAssembly(reference) ?? throw new InputException(Missing(reference));
    }

    /// <summary>What a profile names after <c>extends</c>.</summary>
    /// <remarks>
    /// A bare name never leaves the folder of the file that says it; a path must be explicit. A
    /// shipped profile extends shipped profiles only.
    /// </remarks>
    public static ProfileText OpenExtended(ScalarNode extends, ProfileText by)
    {
        string name = extends.Text;
        InputError NotFound() => extends.Error(
            $"there is no {(by.Folder is null ? "" : "file or ")}shipped profile {extends.Found}"
            + Suggestion.Hint(name, ShippedProfiles.Names));
        bool isPath = IsExplicitPath(extends);
        if (by.Folder is not null)
        {
            string path = Path.Combine(by.Folder, name);
            if (File.Exists(path)) return FromDisk(path, NotFound);
        }

        return (isPath ? null : FromAssembly(name)) ?? throw new InputException(NotFound());
    }

    /// <summary>
    /// A file that a profile names, by the same rule; a shipped profile names none.
    /// </summary>
    public static ProfileText OpenBeside(ScalarNode name, ProfileText by, int maxBytes)
    {
        IsExplicitPath(name);
        string path = Path.Combine(by.Folder ?? "", name.Text);
        InputError NotFound() => name.Error($"there is no file {name.Found}");
        return by.Folder is not null && File.Exists(path)
            ? FromDisk(path, NotFound, maxBytes)
            : throw new InputException(NotFound());
    }

    private static bool IsExplicitPath(ScalarNode node)
    {
        string name = node.Text;
        bool isPath = name.StartsWith("./", StringComparison.Ordinal)
            || name.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(name);
        if (!isPath && name.AsSpan().ContainsAny('/', '\\'))
            throw new InputException(
                node.Error($"{node.Found} leads out of the folder; start a path with ./"));
        return isPath;
    }

    private static ProfileText? FromAssembly(string name)
    {
        string bare = name.EndsWith(".yaml", StringComparison.Ordinal) ? name[..^5] : name;
        return ShippedProfiles.Bytes(bare) is { } bytes
            ? new(bare + ".yaml", bytes, Folder: null)
            : null;
    }

    private static ProfileText FromDisk(
        string path, Func<InputError> error, int maxBytes = DocumentReader.MaxBytes)
    {
        try
        {
            return new(path, InputFile.Read(path, maxBytes), Path.GetDirectoryName(path) ?? "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                error() with { Message = $"cannot be read: {e.Message.TrimEnd('.')}" });
        }
    }

    private static InputError Missing(string reference)
    {
        if (Directory.Exists(reference))
            return InputError.InBinary(reference, "is a folder, not a profile");
        string hint = InputFile.Beside(reference, ".yaml", ".yml");
        if (hint.Length == 0) hint = Suggestion.Hint(reference, ShippedProfiles.Names);
        return InputError.InBinary(
            reference,
            $"there is no such file, and no shipped profile of that name{hint} (shipped: "
                + $"{string.Join(", ", ShippedProfiles.Names)})");
    }
}
