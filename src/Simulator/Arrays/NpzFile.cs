using System.IO.Compression;
using QSim.Simulator.Files;

namespace QSim.Simulator.Arrays;

/// <summary>Named arrays in one zip archive, as <c>numpy.savez</c> writes them.</summary>
public static class NpzFile
{
    /// <summary>The date of every entry, so that equal arrays make equal files.</summary>
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads every array.</summary>
    /// <exception cref="InvalidDataException">
    /// The archive or one of its arrays is broken; the message says which.
    /// </exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(byte[] file) => Read(file, null);

    /// <summary>Reads every array that can be.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="others">
    /// Gets the names of those whose types QSim does not read, and why not; null to refuse these.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The archive or one of its arrays is broken; the message says which.
    /// </exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(
        byte[] file, IDictionary<string, string>? others)
    {
        using ZipArchive archive = Unpacking.Zip(file);
        var unpacking = new Unpacking(file.Length);
        var arrays = new Dictionary<string, NpyArray>();
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            string name = entry.FullName.EndsWith(".npy", StringComparison.Ordinal)
                ? entry.FullName[..^4]
                : entry.FullName;
            try
            {
                byte[] content = unpacking.Read(entry);
                if (others is not null && NpyArray.WhyUnsupported(content) is { } reason)
                    others[name] = reason;
                else if (!arrays.TryAdd(name, NpyArray.Parse(content)))
                    throw new InvalidDataException("is there twice");
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException(
                    $"array '{Brief.Name(name)}': {e.Message.TrimEnd('.')}");
            }
        }

        return arrays;
    }

    /// <summary>Writes arrays, compressed, in the given order.</summary>
    public static void Write(Stream stream, IEnumerable<(string Name, NpyArray Array)> arrays)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, NpyArray array) in arrays)
        {
            ZipArchiveEntry entry = archive.CreateEntry(name + ".npy", CompressionLevel.Optimal);
            entry.LastWriteTime = Epoch;
            using Stream data = entry.Open();
            data.Write(array.ToBytes());
        }
    }
}
