using System.IO.Compression;
using QSim.Simulator.Files;

namespace QSim.Simulator.Networks.Files.PyTorch;

/// <summary>
/// The entries of a PyTorch archive, since 1.6: <c>data.pkl</c>, <c>data/0</c>, ...
/// </summary>
internal sealed class PyTorchArchive
{
    private const string PickleName = "data.pkl";
    private const int LargestPickle = 64 << 20;

    private readonly ZipArchive _archive;
    private readonly Unpacking _unpacking;
    private readonly string _root;

    /// <summary>Finds the archive's root.</summary>
    /// <exception cref="InvalidDataException">There is no pickle.</exception>
    public PyTorchArchive(ZipArchive archive, Unpacking unpacking)
    {
        (_archive, _unpacking) = (archive, unpacking);
        string pickle = archive.Entries.Select(e => e.FullName)
            .FirstOrDefault(n => n.EndsWith($"/{PickleName}", StringComparison.Ordinal))
            ?? throw new InvalidDataException($"not a file of PyTorch's: it has no {PickleName}");
        _root = pickle[..^PickleName.Length];
        if (archive.GetEntry($"{_root}byteorder") is not null
            && !Bytes("byteorder", 16).AsSpan().SequenceEqual("little"u8))
            throw new InvalidDataException("its bytes are big endian (supported: little)");
    }

    /// <summary>The pickle that says what there is.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public byte[] Pickle() => Bytes(PickleName, LargestPickle);

    /// <summary>A storage that may hold so many bytes.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or not there.</exception>
    public byte[] Storage(string key, int most) => Bytes($"data/{key}", most);

    /// <summary>An entry that may hold so many bytes, and has its checksum.</summary>
    private byte[] Bytes(string name, int most)
    {
        ZipArchiveEntry entry = _archive.GetEntry(_root + name)
            ?? throw new InvalidDataException($"damaged: there is no '{name}'");
        if (entry.Length > most)
            throw new InvalidDataException(
                $"damaged: '{Brief.Name(name)}' has {entry.Length} bytes where {most} are needed");
        try
        {
            return _unpacking.Read(entry, most);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"damaged: '{Brief.Name(name)}' {e.Message}");
        }
    }
}
