using System.Buffers.Binary;
using System.Text;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Output;

/// <summary>
/// Small pictures as PNG, uncompressed: the same bytes with every version of every library.
/// </summary>
internal static class Png
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(n =>
    {
        uint c = (uint)n;
        for (int k = 0; k < 8; k++) c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
        return c;
    })];

    /// <summary>An address that holds the picture itself.</summary>
    /// <param name="channels">As for <see cref="File"/>.</param>
    /// <param name="rows">Height, at least 1.</param>
    /// <param name="columns">Width, at least 1.</param>
    /// <param name="pixels">[channel][row][column]; 0 is black, 1 is full.</param>
    public static string DataUri(
        int channels, int rows, int columns, ReadOnlySpan<float> pixels) =>
        "data:image/png;base64," + Convert.ToBase64String(File(channels, rows, columns, pixels));

    /// <summary>The bytes of a file.</summary>
    /// <param name="channels">
    /// 1 for grey; otherwise the first three are red, green and blue.
    /// </param>
    /// <param name="rows">Height, at least 1.</param>
    /// <param name="columns">Width, at least 1.</param>
    /// <param name="pixels">[channel][row][column]; 0 is black, 1 is full.</param>
    public static byte[] File(int channels, int rows, int columns, ReadOnlySpan<float> pixels)
    {
        int colours = channels >= 3 ? 3 : 1;
        byte[] lines = new byte[Sizes.Elements(rows, checked(1 + (columns * colours)))];
        for (int row = 0, at = 0; row < rows; row++)
        {
            lines[at++] = 0;
            for (int column = 0; column < columns; column++)
                for (int colour = 0; colour < colours; colour++)
                {
                    float value = pixels[(((colour * rows) + row) * columns) + column];
                    lines[at++] = (byte)Math.Round(255 * Math.Clamp(value, 0f, 1f));
                }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, columns);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), rows);
        (header[8], header[9]) = (8, (byte)(colours == 3 ? 2 : 0));
        return
        [
            0x89,
            0x50,
            0x4E,
            0x47,
            0x0D,
            0x0A,
            0x1A,
            0x0A,
            .. Chunk("IHDR", header),
            .. Chunk("IDAT", Stored(lines)),
            .. Chunk("IEND", []),
        ];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(type), .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        uint crc = uint.MaxValue;
        foreach (byte b in chunk.AsSpan(4..^4)) crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), ~crc);
        return chunk;
    }

    /// <summary>A zlib stream of stored blocks (RFC 1950 and 1951).</summary>
    private static byte[] Stored(byte[] data)
    {
        var stream = new List<byte> { 0x78, 0x01 };
        byte[][] blocks = [.. data.Chunk(ushort.MaxValue)];
        foreach ((int i, byte[] block) in blocks.Index())
        {
            int length = block.Length;
            stream.AddRange([
                (byte)(i == blocks.Length - 1 ? 1 : 0),
                (byte)length,
                (byte)(length >> 8),
            ]);
            stream.AddRange([(byte)~length, (byte)(~length >> 8), .. block]);
        }

        uint a = 1, b = 0;
        foreach (byte value in data) (a, b) = ((a + value) % 65521, (b + a + value) % 65521);
        return [.. stream, (byte)(b >> 8), (byte)b, (byte)(a >> 8), (byte)a];
    }
}
