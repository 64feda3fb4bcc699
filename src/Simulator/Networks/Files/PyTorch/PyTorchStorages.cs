using System.Collections.Immutable;
using System.IO.Compression;
using QSim.Simulator.Arrays;
using QSim.Simulator.Files;

namespace QSim.Simulator.Networks.Files.PyTorch;

/// <summary>The entries of a PyTorch archive: <c>data.pkl</c>, <c>data/0</c>, ...</summary>
internal sealed class PyTorchStorages
{
    private const string PickleName = "data.pkl";
    private const int LargestPickle = 64 << 20;

    private static readonly Dictionary<string, string> NumpyTypes = new()
    {
        ["torch.FloatStorage"] = "<f4",
        ["torch.DoubleStorage"] = "<f8",
        ["torch.ByteStorage"] = "|u1",
        ["torch.CharStorage"] = "|i1",
        ["torch.ShortStorage"] = "<i2",
        ["torch.IntStorage"] = "<i4",
        ["torch.LongStorage"] = "<i8",
    };

    private readonly ZipArchive _archive;
    private readonly Unpacking _unpacking;
    private readonly string _root;
    private readonly Dictionary<string, byte[]> _storages = [];

    /// <summary>Finds the archive's root.</summary>
    /// <exception cref="InvalidDataException">There is no pickle.</exception>
    public PyTorchStorages(ZipArchive archive, Unpacking unpacking)
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

    /// <summary>
    /// A tensor out of its storage. Elements of types without a name in NumPy are left out and
    /// their type named, for whoever needs the array.
    /// </summary>
    /// <param name="name">For messages.</param>
    /// <param name="storage">As pickled: 'storage', type, name, device, number of elements.</param>
    /// <param name="offset">Index of the first element.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="strides">Elements from one index to the next, by dimension.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public NpyArray Tensor(
        string name, PickledReference storage, long offset, ImmutableArray<int> shape,
        ImmutableArray<int> strides)
    {
        if (storage.Id is not ["storage", PickledName type, string key, string, long elements])
            throw new InvalidDataException($"tensor '{Brief.Name(name)}' has no storage");
        if (!NumpyTypes.TryGetValue(type.Name, out string? numpy))
            return new(type.Name.Replace("Storage", ""), shape, []);
        int size = numpy[^1] - '0';
        if (elements is < 0 or > int.MaxValue / sizeof(double))
            throw new InvalidDataException(
                $"tensor '{Brief.Name(name)}': {elements} elements are too many");
        long count = 1, reach = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            count = Math.Min(count, int.MaxValue) * shape[i];
            reach = Math.Min(reach, int.MaxValue) + ((shape[i] - 1L) * strides[i]);
        }

        bool isInside = offset >= 0 && offset <= elements && count <= elements
            && (count == 0 || reach < elements - offset);
        if (!isInside)
            throw new InvalidDataException($"tensor '{Brief.Name(name)}' lies outside its storage");
        if (!_storages.TryGetValue(key, out byte[]? bytes))
            _storages[key] = bytes = Bytes($"data/{key}", (int)elements * size);
        if (bytes.Length == elements * size) _unpacking.Take(count * size);
        return bytes.Length == elements * size
            ? new(numpy, shape, Gather(bytes, size, (int)count, (int)offset, shape, strides))
            : throw new InvalidDataException(
                $"damaged: 'data/{key}' has {bytes.Length} bytes where {elements * size} are "
                    + "needed");
    }

    /// <summary>The elements in C order.</summary>
    private static byte[] Gather(
        byte[] storage, int size, int count, int offset, ImmutableArray<int> shape,
        ImmutableArray<int> strides)
    {
        byte[] data = new byte[count * size];
        int[] index = new int[shape.Length];
        for (int i = 0, at = offset; i < count; i++)
        {
            storage.AsSpan(at * size, size).CopyTo(data.AsSpan(i * size));
            for (int d = shape.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < shape[d]) break;
                at -= shape[d] * strides[d];
                index[d] = 0;
            }
        }

        return data;
    }

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
