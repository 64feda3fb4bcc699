using System.Security.Cryptography;
using QSim.Runner.Output;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// Things that are dear to make, each in a file named by its content key, with its SHA-256 at the
/// end. A file that is not whole counts as missing. Several processes may share a folder.
/// </summary>
/// <param name="folder">The folder, created when something is put in; null keeps nothing.</param>
internal sealed class ContentCache(string? folder)
{
    /// <summary>Trained networks.</summary>
    public const string Networks = "networks";

    /// <summary>Images that several targets share.</summary>
    public const string Images = "images";

    /// <summary>What circuits cost.</summary>
    public const string Costs = "costs";

    /// <summary>Each a folder of its own.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Networks, Images, Costs];

    private readonly HashSet<string> _cleared = [];

    /// <summary>What was put in under a key; null when nothing was, or it is damaged.</summary>
    public byte[]? Get(string kind, string key)
    {
        if (folder is null) return null;
        byte[] bytes = Read(PathOf(kind, key));
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
            return OwnFile.Read(path) ?? [];
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
        ClearLeft(kind);
        WholeFile.Replace(PathOf(kind, key), content, SHA256.HashData(content));
    }

    /// <summary>
    /// Once, of a process that was killed while it put something in; no other thread begins to
    /// write meanwhile, for its file would look as if it were left.
    /// </summary>
    private void ClearLeft(string kind)
    {
        lock (_cleared)
            if (_cleared.Add(kind)) Leftovers.Clear(Path.Combine(folder!, kind));
    }

    /// <summary>
    /// Keeps others that share the folder from making the same at the same time; null where
    /// another process is at it. Nothing is kept from anybody where nothing is kept.
    /// </summary>
    public IDisposable? Claim(string kind, string key)
    {
        if (folder is null) return new MemoryStream();
        Directory.CreateDirectory(Path.Combine(folder, kind));
        string path = PathOf(kind, key);
        return FolderLock.TakeFile(path + ".claim", path, null, null, out _);
    }

    private string PathOf(string kind, string key) => Path.Combine(folder!, kind, key + ".bin");
}
