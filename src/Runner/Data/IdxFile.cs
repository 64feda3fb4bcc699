using System.Buffers.Binary;
using QSim.Kernels.Datapath;
using QSim.Simulator.Files;

namespace QSim.Runner.Data;

/// <summary>
/// The IDX format of MNIST: two zero bytes, the element type, the number of dimensions, each
/// dimension as a big-endian 32-bit number, then the elements. Unsigned bytes are read, compressed
/// with gzip or not.
/// </summary>
/// <param name="Path">Where it came from, for messages.</param>
/// <param name="Dimensions">Sizes, slowest first.</param>
/// <param name="Values">The elements.</param>
/// <param name="Content">The uncompressed file, header and all.</param>
internal sealed record IdxFile(
    string Path, IReadOnlyList<int> Dimensions, ReadOnlyMemory<byte> Values, byte[] Content)
{
    private const byte UnsignedByte = 0x08;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">3 for images, 1 for labels.</param>
    /// <exception cref="RequestException">Missing, truncated, or of another kind.</exception>
    public static IdxFile Read(string path, int dimensions)
    {
        return Read(DataBytes.Read(path), path, dimensions);
    }

    /// <summary>Reads a file's bytes; see <see cref="Read(string, int)"/>.</summary>
    public static IdxFile Read(byte[] bytes, string path, int dimensions)
    {
        byte[] content = Uncompressed(bytes, path);
        if (content.Length < 4 || content[0] != 0 || content[1] != 0)
            throw Bad(
                path,
                $"starts with {Hex(content)}, which is not an IDX file (supported: IDX, gzip or "
                    + "not)");
        if (content[2] != UnsignedByte)
            throw Bad(
                path,
                $"holds elements of type 0x{content[2]:x2} (supported: 0x08, unsigned bytes)");
        if (content[3] != dimensions)
            throw Bad(path, $"has {content[3]} dimensions where {dimensions} are needed: " +
                $"this is {Kind(content[3])}, not {Kind(dimensions)}");
        int header = 4 + (4 * dimensions);
        if (content.Length < header)
            throw Bad(
                path,
                $"ends after {content.Length} of {header} header bytes: the file is truncated");
        int[] sizes =
        [
            .. Enumerable
                .Range(0, dimensions)
                .Select(d => BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(4 + (4 * d)))),
        ];
        CheckLength(path, content.Length - header, sizes);
        return new(path, sizes, content.AsMemory(header), content);
    }

    private static void CheckLength(string path, int actual, int[] sizes)
    {
        if (sizes.FirstOrDefault(s => s <= 0) is var bad && sizes.Any(s => s <= 0))
            throw Bad(path, $"gives {bad} as the size of a dimension");
        if (Sizes.Product(Array.MaxLength, [.. sizes.Select(s => (long)s)]) is not { } expected)
            throw Bad(path, $"states more than {Array.MaxLength} values");
        if (sizes.Length == 3 && Sizes.WhyNot(new TensorShape(1, sizes[1], sizes[2])) is { } large)
            throw Bad(path, large);
        if (actual < expected)
            throw Bad(path, $"ends after {actual} of {expected} values: the file is truncated");
        if (actual > expected)
            throw Bad(
                path, $"goes on for {actual - expected} bytes after its {expected} values");
    }

    private static byte[] Uncompressed(byte[] bytes, string path)
    {
        if (!Unpacking.IsGzip(bytes)) return bytes;
        try
        {
            return Unpacking.Gzip(bytes);
        }
        catch (InvalidDataException e)
        {
            throw Bad(
                path,
                $"cannot be decompressed: the gzip data is damaged ({e.Message.TrimEnd('.')})");
        }
    }

    private static string Kind(int dimensions) => dimensions switch
    {
        1 => "a file of labels",
        3 => "a file of images",
        _ => $"an array of {dimensions} dimensions",
    };

    private static string Hex(byte[] content) => content.Length == 0
        ? "nothing (it is empty)"
        : string.Join(' ', content.Take(4).Select(b => $"0x{b:x2}"));

    private static RequestException Bad(string path, string what) => new($"{path}: {what}");
}
