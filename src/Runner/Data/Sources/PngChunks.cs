using System.Buffers.Binary;
using System.IO.Hashing;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// The chunks of a PNG file (PNG specification, section 5), looked at before anything is decoded:
/// each whole and with its checksum, and enough packed data for the image that the header states.
/// </summary>
internal static class PngChunks
{
    private const int SignatureLength = 8;

    /// <summary>Length, type and checksum of a chunk.</summary>
    private const int Around = 12;

    /// <summary>Deflate makes at most so many bytes of one (RFC 1951).</summary>
    private const int MostGrowth = 1032;

    /// <summary>Null where a file is whole, else what is wrong with it.</summary>
    public static string? WhyNot(ReadOnlySpan<byte> file)
    {
        if (HeaderProblem(file) is { } wrong) return wrong;
        long packed = 0;
        for (int at = SignatureLength; ;)
        {
            if (file.Length - at < Around) return "the PNG data is damaged (it is cut short)";
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - Around)
                return "the PNG data is damaged (a chunk is cut short)";
            ReadOnlySpan<byte> body = file.Slice(at + 4, (int)length + 4);
            at += (int)length + Around;
            if (Crc32.HashToUInt32(body) != BinaryPrimitives.ReadUInt32BigEndian(file[(at - 4)..]))
                return "the PNG data is damaged (a chunk does not have its checksum)";
            if (body[..4].SequenceEqual("IDAT"u8)) packed += length;
            if (body[..4].SequenceEqual("IEND"u8)) break;
        }

        return Bytes(file) <= (packed + 1) * MostGrowth
            ? null
            : "the PNG data is damaged (it is too little for the image's size)";
    }

    private static string? HeaderProblem(ReadOnlySpan<byte> file)
    {
        bool isHeader = file.Length >= 33
            && BinaryPrimitives.ReadUInt32BigEndian(file[SignatureLength..]) == 13
            && file.Slice(12, 4).SequenceEqual("IHDR"u8);
        if (!isHeader) return "the PNG data is damaged (it has no header)";
        (long columns, long rows) = Extents(file);
        return columns < 1 || rows < 1 ? "the PNG data is damaged (it states no size)"
            : Sizes.Product(Sizes.MostValues, 3, rows, columns) is null
                ? $"{columns}x{rows} pixels are too many (at most {Sizes.MostValues / 3})"
            : null;
    }

    private static (long Columns, long Rows) Extents(ReadOnlySpan<byte> file) => (
        BinaryPrimitives.ReadUInt32BigEndian(file[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(file[20..]));

    /// <summary>The least that the image's rows take: packed bits and a filter's byte.</summary>
    private static long Bytes(ReadOnlySpan<byte> file)
    {
        (long columns, long rows) = Extents(file);
        int samples = file[25] is 2 ? 3 : 1;
        return rows * ((((columns * samples * file[24]) + 7) / 8) + 1);
    }
}
