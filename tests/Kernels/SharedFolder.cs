using System.IO.Compression;

namespace QSim.Kernels.Tests;

/// <summary>
/// The golden data that other people's tools produced; it lies outside the repository.
/// </summary>
internal static class SharedFolder
{
    /// <summary>
    /// Lines of a golden file, decompressed. Skips the test when the file is absent.
    /// </summary>
    public static string[] GoldenLines(string name)
    {
        using var reader = new StreamReader(new GZipStream(Open(name), CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>A golden file as it is. Skips the test when the file is absent.</summary>
    public static Stream Open(string name)
    {
        string? path = Find()?.Replace('\\', '/') is { } folder
            ? Path.Combine(folder, "golden", name)
            : null;
        Skip.If(
            path is null || !File.Exists(path), $"no shared/golden/{name} beside this checkout");
        return File.OpenRead(path!);
    }

    private static string? Find()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string candidate = Path.Combine(d.FullName, "shared");
            if (Directory.Exists(Path.Combine(candidate, "golden"))) return candidate;
        }

        return null;
    }
}
