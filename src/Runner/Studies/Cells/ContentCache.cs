using System.Security.Cryptography;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// Things that are dear to make, each in a file named by its content key, with its SHA-256 at the
/// end. A file that is not whole counts as missing. Several processes may share a folder.
/// </summary>
/// <param name="folder">The folder, created when something is put in; null keeps nothing.</param>
/// <exception cref="UsageException">It is a file, or empty.</exception>
public sealed class ContentCache(string? folder)
{
    private readonly string? _folder =
        folder?.Trim().Length == 0 ? throw new UsageException("--cache names no folder")
        : File.Exists(folder)
            ? throw new UsageException($"{folder}: is a file where a folder is needed (--cache)")
        : folder;

    /// <summary>What was put in under a key; null when nothing was, or it is damaged.</summary>
    public byte[]? Get(string kind, string key)
    {
        if (_folder is null) return null;
        string path = PathOf(kind, key);
        if (!File.Exists(path)) return null;
        byte[] bytes = File.ReadAllBytes(path);
        int length = bytes.Length - SHA256.HashSizeInBytes;
        return
            length >= 0
            && SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length))
            ? bytes[..length]
            : null;
    }

    /// <summary>Puts something in.</summary>
    public void Put(string kind, string key, byte[] content)
    {
        if (_folder is null) return;
        WholeFile.Replace(PathOf(kind, key), content, SHA256.HashData(content));
    }

    private string PathOf(string kind, string key) => Path.Combine(_folder!, kind, key + ".bin");
}
