using System.Buffers.Binary;
using System.IO.Compression;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Data.Sources;

namespace QSim.Runner.Tests.Data.Sources;

public class PngSourceTests
{
    private const byte Grey = 0, Rgb = 2, Alpha = 6;

    [Fact]
    public void Load_GreyImages_AreTakenInTurnFromClassesInOrderOfTheirNames()
    {
        using var folder = Images(Grey, 1);

        Dataset data = DatasetList.Find(folder.Path).Load(new([]));

        Assert.Equal(2, data.Classes);
        Assert.Equal(new TensorShape(1, 2, 3), data.Train.Shape);
        // cat: a, b, c; dog: a. The first of each class come first.
        Assert.Equal([0, 1, 0, 0], data.Train.Labels);
        Assert.Equal(
            [10, 40, 20, 30],
            data.Train.Pixels.Where((_, i) => i % 6 == 0).Select(p => (int)MathF.Round(p * 255)));
        Assert.Equal(
            [10 / 255f, 11 / 255f, 12 / 255f, 13 / 255f, 14 / 255f, 15 / 255f],
            data.Train.Pixels[..6]);
        Assert.Equal([1], data.Test.Labels);
    }

    /// <summary>A test set alone is enough for a trained network.</summary>
    [Theory]
    [InlineData("test")]
    [InlineData("val")]
    public void Load_WithoutTrainingImages_IsOneSet(string name)
    {
        using var folder = Images(Grey, 1);
        Directory.Delete(folder.File("test"), true);
        Directory.Move(folder.File("train"), folder.File(name));

        Dataset data = DatasetList.Find(folder.Path).Load(new([]));

        Assert.True(data.IsOneSet);
        Assert.Equal([0, 1, 0, 0], data.Test.Labels);
        Assert.Contains($"{name}{Path.DirectorySeparatorChar}dog is class 1", data.WhatSays(1));
    }

    [Fact]
    public void Load_ColourImages_BecomePlanes()
    {
        using var folder = Images(Rgb, 3);

        Dataset data = DatasetList.Find(folder.Path).Load(new([]));

        Assert.Equal(new TensorShape(3, 2, 3), data.Train.Shape);
        Assert.Equal(
            new[] { 10, 13, 16, 19, 22, 25, 11, 14, 17, 20, 23, 26, 12, 15, 18, 21, 24, 27 }.Select(
                v => v / 255f),
            data.Train.Pixels[..18]);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(6, 4)]
    public void Load_Alpha_IsAChannel(byte kind, int channels)
    {
        using var folder = Images(kind, channels);

        Dataset data = DatasetList.Find(folder.Path).Load(new([]));

        Assert.Equal(new TensorShape(channels, 2, 3), data.Train.Shape);
        Assert.True(data.Train.IsBytes);
        Assert.Equal(
            Enumerable.Range(0, channels * 6)
                .Select(i => (10 + (i % 6 * channels) + (i / 6)) / 255f),
            data.Train.Pixels[..(channels * 6)]);
    }

    /// <summary>Lines of every filter that the specification has.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    [InlineData(6, 4)]
    public void Decode_SixteenBits_AreSharesOf65535(byte kind, int channels)
    {
        const int Rows = 6, Columns = 5;
        int[] samples = [.. Enumerable.Range(0, Rows * Columns * channels)
            .Select(i => (i * 40503 % 65521) + (i % 7))];

        PngImage image = PngImage.Decode(Deep(kind, channels, Rows, Columns, samples), "x");

        Assert.Equal(new TensorShape(channels, Rows, Columns), image.Shape);
        Assert.False(image.IsBytes);
        for (int i = 0; i < samples.Length; i++)
            Assert.Equal(
                samples[i] / 65535f,
                image.Pixels[(i % channels * Rows * Columns) + (i / channels)]);
    }

    /// <summary>Line r has filter r modulo 5, each as the specification defines it.</summary>
    private static byte[] Deep(byte kind, int channels, int rows, int columns, int[] samples)
    {
        int step = channels * 2, stride = columns * step;
        byte[] raw = [.. samples.SelectMany(s => new[] { (byte)(s >> 8), (byte)s })];
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest))
            for (int r = 0; r < rows; r++)
            {
                zlib.WriteByte((byte)(r % 5));
                for (int i = 0; i < stride; i++)
                {
                    int At(int row, int byteAt) =>
                        row < 0 || byteAt < 0 ? 0 : raw[(row * stride) + byteAt];
                    int a = At(r, i - step), b = At(r - 1, i);
                    int c = i < step ? 0 : At(r - 1, i - step);
                    int p = a + b - c;
                    int[] near = [Math.Abs(p - a), Math.Abs(p - b), Math.Abs(p - c)];
                    int paeth = new[] { a, b, c }[Array.IndexOf(near, near.Min())];
                    int less = new[] { 0, a, b, (a + b) / 2, paeth }[r % 5];
                    zlib.WriteByte((byte)(raw[(r * stride) + i] - less));
                }
            }

        return Whole(columns, rows, 16, kind, pixels.ToArray());
    }

    [Fact]
    public void Load_FileChangesOrMoves_ChangesTheDigest()
    {
        using var folder = Images(Grey, 1);
        string before = DatasetList.Find(folder.Path).Load(new([])).Sha256;
        Assert.Equal(before, DatasetList.Find(folder.Path).Load(new([])).Sha256);

        File.Move(folder.File("train/cat/c.png"), folder.File("train/dog/c.png"));

        Assert.NotEqual(before, DatasetList.Find(folder.Path).Load(new([])).Sha256);
    }

    [Fact]
    public void Load_BadFile_IsOneLineWithItsPath()
    {
        Says(
            "b.png: is not a PNG file, despite its name",
            f => File.WriteAllText(f, new string('x', 99)));
        Says(
            "b.png: the PNG data is damaged (", f => File.WriteAllBytes(f, Png(Grey, 1, 20)[..45]));
        Says(
            "b.png: an image of 4x2x3, but the first is 1x2x3",
            f => File.WriteAllBytes(f, Png(Alpha, 4, 20)));
        Says(
            "b.png: the PNG data is damaged (it ends early)",
            f => File.WriteAllBytes(f, Png(Grey, 1, 20, bits: 16)));
        Says(
            "c.jpg: images are read from PNG files (convert it, or put it elsewhere)",
            f => File.WriteAllText(Path.Combine(Path.GetDirectoryName(f)!, "c.jpg"), "x"));
        Says(
            "b.png: an image of 3x2x3, but the first is 1x2x3",
            f => File.WriteAllBytes(f, Png(Rgb, 3, 20)));
        Says(
            "b.png: an image of 1x2x4, but the first is 1x2x3",
            f => File.WriteAllBytes(f, Png(Grey, 1, 20, columns: 4)));
    }

    [Fact]
    public void Load_FoldersMissing_SaysWhatIsNeeded()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("train: no such folder (train/CLASS/*.png", Refusal(folder));
        Directory.CreateDirectory(folder.File("train/only"));
        Assert.Contains("1 classes in train/ where at least 2 are needed", Refusal(folder));
        Directory.CreateDirectory(folder.File("train/other"));
        Directory.CreateDirectory(folder.File("test/third"));
        Assert.Contains("third: there is no such class in train/", Refusal(folder));
    }

    [Fact]
    public void Load_ImageNetsFolders_AreTakenAndHiddenOnesAreNot()
    {
        using var folder = Images(Grey, 1);
        Dataset before = DatasetList.Find(folder.Path).Load(new([]));
        Directory.Move(folder.File("test"), folder.File("val"));
        Directory.CreateDirectory(folder.File("train/.checkpoints"));
        Directory.CreateDirectory(folder.File("val/.checkpoints"));

        Dataset after = DatasetList.Find(folder.Path).Load(new([]));

        Assert.Equal(2, after.Classes);
        Assert.Equal(before.Test.Pixels, after.Test.Pixels);
        Assert.Equal(before.Train.Labels, after.Train.Labels);
    }

    private static string Refusal(TemporaryFolder folder) =>
        Assert.Throws<RequestException>(() => DatasetList.Find(folder.Path).Load(new([]))).Message;

    private static void Says(string expected, Action<string> spoil)
    {
        using var folder = Images(Grey, 1);
        spoil(folder.File("train/cat/b.png"));
        string message = Refusal(folder);
        Assert.Contains(expected, message);
        Assert.StartsWith(folder.Path, message);
        Assert.DoesNotContain('\n', message);
    }

    private static TemporaryFolder Images(byte kind, int channels)
    {
        var folder = new TemporaryFolder();
        (string, int)[] files =
        [
            ("train/cat/a", 10),
            ("train/cat/b", 20),
            ("train/cat/c", 30),
            ("train/dog/a", 40),
            ("test/dog/x", 50),
        ];
        foreach ((string name, int first) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
            File.WriteAllBytes(folder.File(name + ".png"), Png(kind, channels, first));
        }

        return folder;
    }

    /// <summary>
    /// A PNG file by its specification: 2 rows of bytes that count up from the first.
    /// </summary>
    private static byte[] Png(
        byte kind, int bytesPerPixel, int first, int columns = 3, byte bits = 8)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest))
        {
            int length = columns * bytesPerPixel;
            for (int row = 0; row < 2; row++)
                zlib.Write([
                    0,
                    .. Enumerable.Range(first + (row * length), length).Select(v => (byte)v),
                ]);
        }

        return Whole(columns, 2, bits, kind, pixels.ToArray());
    }

    private static byte[] Whole(int columns, int rows, byte bits, byte kind, byte[] packed) =>
    [
        0x89,
        .. "PNG\r\n\x1a\n"u8,
        .. Chunk(
            "IHDR"u8,
            [0, 0, 0, (byte)columns, 0, 0, 0, (byte)rows, bits, kind, 0, 0, 0]),
        .. Chunk("IDAT"u8, packed),
        .. Chunk("IEND"u8, []),
    ];

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(
            chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int k = 0; k < 8; k++) crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }

        return ~crc;
    }
}
