using System.IO.Compression;
using System.IO.Hashing;

namespace QSim.Simulator.Files;

/// <summary>
/// Unpacks what one file holds. What a packed stream says about its length is not believed: memory
/// grows with the data, and a file may grow to so many times its own size and no more.
/// </summary>
/// <param name="packed">Bytes of the file.</param>
internal sealed class Unpacking(long packed)
{
    /// <summary>What any file may unpack to, however small.</summary>
    public const long Free = 64L << 20;

    /// <summary>How many times its own size a larger one may.</summary>
    public const int Growth = 100;

    private const int FirstBytes = 1 << 16;

    private readonly long _most = Math.Min(Free + (Growth * packed), InputFile.MostBytes);
    private long _left = Math.Min(Free + (Growth * packed), InputFile.MostBytes);

    /// <summary>Whether bytes are a gzip stream.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, ..];

    /// <summary>The content of a gzip stream.</summary>
    /// <exception cref="InvalidDataException">
    /// It is damaged, cut short, or grows beyond all reason.
    /// </exception>
    public static byte[] Gzip(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        byte[] content = new Unpacking(bytes.Length).ReadAll(gzip);

        // The stream ends without a word where the file does; its last four bytes state the
        // length.
        return bytes.Length >= 18
            && System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(^4))
                <= content.Length
            ? content
            : throw new InvalidDataException("the gzip stream is cut short");
    }

    /// <summary>A zip archive.</summary>
    /// <exception cref="InvalidDataException">It is none, or damaged.</exception>
    public static ZipArchive Zip(byte[] bytes)
    {
        try
        {
            var archive = new ZipArchive(new MemoryStream(bytes, writable: false));
            _ = archive.Entries.Count;
            return archive;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException)
        {
            throw new InvalidDataException("not a zip archive, or cut short");
        }
    }

    /// <summary>An entry of a zip archive, whose checksum fits.</summary>
    /// <exception cref="InvalidDataException">
    /// It is damaged, cut short, or grows beyond all reason.
    /// </exception>
    public byte[] Read(ZipArchiveEntry entry, long most = long.MaxValue)
    {
        if (entry.Length > Math.Min(most, _left)) throw TooLarge();
        byte[] bytes;
        try
        {
            using Stream stream = entry.Open();
            bytes = ReadAll(stream, Math.Min(most, entry.Length));
        }
        catch (Exception e) when (
            e is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            bytes = [];
        }

        return bytes.Length == entry.Length && Crc32.HashToUInt32(bytes) == entry.Crc32
            ? bytes
            : throw new InvalidDataException("does not have its checksum");
    }

    /// <summary>Everything that a stream of unpacked bytes gives.</summary>
    /// <exception cref="InvalidDataException">It is too much, or damaged.</exception>
    public byte[] ReadAll(Stream stream, long most = long.MaxValue)
    {
        most = Math.Min(most, _left);
        byte[] bytes = new byte[Math.Min(most + 1, FirstBytes)];
        int read = 0;
        while (true)
        {
            int more = stream.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, false);
            read += more;
            if (read < bytes.Length) break;
            if (read > most) throw TooLarge();
            Array.Resize(ref bytes, (int)Math.Min(most + 1, 2L * bytes.Length));
        }

        Take(read);
        return bytes[..read];
    }

    /// <summary>Counts bytes that are made of the file.</summary>
    /// <exception cref="InvalidDataException">They are too many.</exception>
    public void Take(long bytes)
    {
        if ((_left -= bytes) < 0) throw TooLarge();
    }

    private InvalidDataException TooLarge() => new(
        $"it unpacks to more than {_most >> 20} MiB, which {packed} bytes of data do not");
}
