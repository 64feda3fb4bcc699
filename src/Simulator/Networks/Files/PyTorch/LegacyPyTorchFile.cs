using System.Buffers.Binary;

namespace QSim.Simulator.Networks.Files.PyTorch;

/// <summary>
/// What torch.save wrote before PyTorch 1.6 (and still writes, where asked not to write a zip):
/// five pickles one behind the other (a magic number, a version, facts about the machine, what was
/// saved, the keys of its storages), then each storage, its number of elements before it.
/// </summary>
internal sealed class LegacyPyTorchFile
{
    private const int LongestElement = 16;

    /// <summary>The pickle of the number that such a file begins with.</summary>
    private static readonly byte[] Magic =
    [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ];

    private static readonly Dictionary<string, int> Sizes = new()
    {
        ["torch.DoubleStorage"] = 8,
        ["torch.FloatStorage"] = 4,
        ["torch.HalfStorage"] = 2,
        ["torch.BFloat16Storage"] = 2,
        ["torch.LongStorage"] = 8,
        ["torch.IntStorage"] = 4,
        ["torch.ShortStorage"] = 2,
        ["torch.CharStorage"] = 1,
        ["torch.ByteStorage"] = 1,
        ["torch.BoolStorage"] = 1,
        ["torch.ComplexFloatStorage"] = 8,
        ["torch.ComplexDoubleStorage"] = LongestElement,
    };

    private readonly byte[] _content;
    private readonly Dictionary<string, (int Start, int Length)> _storages = [];
    private int _at = Magic.Length;

    /// <summary>Reads all but the storages themselves.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or big endian.</exception>
    public LegacyPyTorchFile(byte[] content)
    {
        _content = content;
        var references = new List<PickledReference>();
        Next(references);
        if (Next(references) is PickledMap machine
            && machine.Entries.Any(e => e is ("little_endian", false)))
            throw new InvalidDataException("its bytes are big endian (supported: little)");
        references.Clear();
        Saved = Next(references);
        Dictionary<string, string> types = TypesOf(references);
        if (Next([]) is not List<object?> keys)
            throw new InvalidDataException("damaged: it does not name its storages");
        foreach (object? key in keys)
        {
            if (key is not string name || !types.TryGetValue(name, out string? type)
                || !Sizes.TryGetValue(type, out int size))
                throw new InvalidDataException(
                    $"damaged: nothing says of what storage '{Brief.Name($"{key}")}' is");
            long elements = content.Length - _at < sizeof(long)
                ? -1
                : BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(_at));
            _at += sizeof(long);
            if (elements < 0 || elements > (content.Length - _at) / size)
                throw new InvalidDataException("cut short");
            _storages[name] = (_at, (int)elements * size);
            _at += (int)elements * size;
        }
    }

    /// <summary>What was saved.</summary>
    public object? Saved { get; }

    /// <summary>Whether a file is one of these.</summary>
    public static bool Is(ReadOnlySpan<byte> content) => content.StartsWith(Magic);

    /// <summary>A storage that may hold so many bytes.</summary>
    /// <exception cref="InvalidDataException">It is not there, or longer.</exception>
    public byte[] Bytes(string key, int most) =>
        !_storages.TryGetValue(key, out (int Start, int Length) at)
            ? throw new InvalidDataException($"damaged: there is no storage '{Brief.Name(key)}'")
        : at.Length > most
            ? throw new InvalidDataException(
                $"damaged: storage '{Brief.Name(key)}' has {at.Length} bytes where {most} are "
                    + "needed")
        : _content[at.Start..(at.Start + at.Length)];

    private object? Next(ICollection<PickledReference> references)
    {
        object? value = PickleReader.Read(_content.AsSpan(_at), references, out int length);
        _at += length;
        return value;
    }

    private static Dictionary<string, string> TypesOf(IEnumerable<PickledReference> references)
    {
        var types = new Dictionary<string, string>();
        foreach (PickledReference reference in references)
            if (reference.Id is ["storage", PickledName type, string key, ..])
                types[key] = type.Name;
        return types;
    }
}
