using System.Buffers.Binary;
using System.IO.Compression;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.Reports;

public class PngTests
{
    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(3, 2, 3)]
    [InlineData(1, 300, 301)]
    public void DataUri_UnpackedByAnother_HoldsThePixels(int channels, int rows, int columns)
    {
        float[] pixels =
            [.. Enumerable.Range(0, channels * rows * columns).Select(i => i % 256 / 255f)];

        string uri = Png.DataUri(channels, rows, columns, pixels);

        const string Start = "data:image/png;base64,";
        Assert.StartsWith(Start, uri);
        byte[] file = Convert.FromBase64String(uri[Start.Length..]);
        Dictionary<string, byte[]> chunks = Chunks(file);
        Assert.Equal(["IHDR", "IDAT", "IEND"], chunks.Keys);
        Assert.Equal(columns, BinaryPrimitives.ReadInt32BigEndian(chunks["IHDR"]));
        Assert.Equal(rows, BinaryPrimitives.ReadInt32BigEndian(chunks["IHDR"].AsSpan(4)));
        Assert.Equal([8, (byte)(channels == 3 ? 2 : 0), 0, 0, 0], chunks["IHDR"][8..]);
        using var lines = new MemoryStream();
        using var packed = new MemoryStream(chunks["IDAT"]);
        using (var unpacked = new ZLibStream(packed, CompressionMode.Decompress))
            unpacked.CopyTo(lines);
        Assert.Equal(Expected(channels, rows, columns), lines.ToArray());
    }

    /// <summary>Line by line: no filter, then every pixel's channels.</summary>
    private static IEnumerable<byte> Expected(int channels, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            yield return 0;
            for (int column = 0; column < columns; column++)
                for (int c = 0; c < channels; c++)
                    yield return (byte)(((((c * rows) + row) * columns) + column) % 256);
        }
    }

    private static Dictionary<string, byte[]> Chunks(byte[] file)
    {
        var chunks = new Dictionary<string, byte[]>();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            byte[] typed = file[(at + 4)..(at + 8 + length)];
            Assert.Equal(
                Crc(typed), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            chunks.Add(System.Text.Encoding.ASCII.GetString(typed, 0, 4), typed[4..]);
            at += 12 + length;
        }

        return chunks;
    }

    /// <summary>Bit by bit, as the standard states it.</summary>
    private static uint Crc(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((((crc ^ ((uint)b >> bit)) & 1) != 0) ? 0xEDB88320 : 0);
        return ~crc;
    }
}
