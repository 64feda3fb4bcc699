using System.Buffers.Binary;
using System.IO.Compression;
using QSim.Kernels.Datapath;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// The samples of a PNG file with 16 bits per channel (PNG specification, sections 7, 9, 10): the
/// library that decodes others keeps only the upper eight.
/// </summary>
internal static class DeepPng
{
    private const int SignatureLength = 8, Around = 12, SampleBytes = 2;

    /// <summary>Values in 0..1, [channel][row][column]; 65535 is 1.</summary>
    /// <param name="file">Looked at by <see cref="PngChunks"/> before.</param>
    /// <param name="rows">Of the image.</param>
    /// <param name="columns">Of the image.</param>
    /// <param name="channels">Of a pixel.</param>
    /// <exception cref="InvalidDataException">It is damaged, or interlaced.</exception>
    public static float[] Decode(byte[] file, int rows, int columns, int channels)
    {
        if (file[28] != 0)
            throw new InvalidDataException("interlaced 16 bits (supported: not interlaced)");
        int step = channels * SampleBytes;
        int stride = Sizes.Elements(columns, step);
        byte[] lines = new byte[Sizes.Elements(rows, stride + 1)];
        using var packed = new MemoryStream();
        foreach (Range body in Bodies(file)) packed.Write(file.AsSpan(body));
        packed.Position = 0;
        using (var unpacked = new ZLibStream(packed, CompressionMode.Decompress))
            if (unpacked.ReadAtLeast(lines, lines.Length, throwOnEndOfStream: false)
                < lines.Length)
                throw new InvalidDataException("it ends early");
        Span<byte> above = new byte[stride];
        var values = new float[Sizes.Elements(rows, Sizes.Elements(columns, channels))];
        for (int row = 0; row < rows; row++)
        {
            Span<byte> line = lines.AsSpan((row * (stride + 1)) + 1, stride);
            Unfilter(lines[row * (stride + 1)], line, above, step);
            for (int i = 0; i < columns * channels; i++)
                values[(((i % channels * rows) + row) * columns) + (i / channels)] =
                    BinaryPrimitives.ReadUInt16BigEndian(line[(i * SampleBytes)..]) / 65535f;
            above = line;
        }

        return values;
    }

    private static IEnumerable<Range> Bodies(byte[] file)
    {
        for (int at = SignatureLength, length; at + Around <= file.Length; at += length + Around)
        {
            length = (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            ReadOnlySpan<byte> name = file.AsSpan(at + 4, 4);
            if (name.SequenceEqual("IEND"u8)) yield break;
            if (name.SequenceEqual("IDAT"u8)) yield return (at + 8)..(at + 8 + length);
        }
    }

    private static void Unfilter(byte filter, Span<byte> line, ReadOnlySpan<byte> above, int step)
    {
        for (int i = 0; i < line.Length; i++)
        {
            int left = i < step ? 0 : line[i - step], up = above[i];
            line[i] += filter switch
            {
                0 => 0,
                1 => (byte)left,
                2 => (byte)up,
                3 => (byte)((left + up) / 2),
                4 => (byte)Paeth(left, up, i < step ? 0 : above[i - step]),
                _ => throw new InvalidDataException($"a line has filter {filter}"),
            };
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int guess = left + up - corner;
        (int l, int u, int c) =
            (Math.Abs(guess - left), Math.Abs(guess - up), Math.Abs(guess - corner));
        return l <= u && l <= c ? left : u <= c ? up : corner;
    }
}
