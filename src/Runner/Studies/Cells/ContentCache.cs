using System.Security.Cryptography;
using QSim.Runner.Output;
using QSim.Simulator.Files;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// Things that are dear to make, each in a file named by its content key, with its SHA-256 at the
/// end. A file that is not whole counts as missing. Several processes may share a folder.
/// </summary>
/// <param name="folder">The folder, created when something is put in; null keeps nothing.</param>
internal sealed class ContentCache(string? folder)
{
    /// <summary>What was put in under a key; null when nothing was, or it is damaged.</summary>
    public byte[]? Get(string kind, string key)
    {
        if (folder is null) return null;
        string path = PathOf(kind, key);
        if (!File.Exists(path)) return null;
        byte[] bytes = Read(path);
        int length = bytes.Length - SHA256.HashSizeInBytes;
        return
            length >= 0
            && SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length))
            ? bytes[..length]
            : null;
    }

    private static byte[] Read(string path)
    {
        try
        {
            return InputFile.Read(path);
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Puts something in.</summary>
    public void Put(string kind, string key, byte[] content)
    {
        if (folder is null) return;
        WholeFile.Replace(PathOf(kind, key), content, SHA256.HashData(content));
    }

    private string PathOf(string kind, string key) => Path.Combine(folder!, kind, key + ".bin");
}
