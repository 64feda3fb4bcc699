using System.Buffers.Binary;
using System.IO.Compression;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;

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
            "b.png: has transparency (supported: grey or RGB without alpha)",
            f => File.WriteAllBytes(f, Png(Alpha, 4, 20)));
        Says(
            "b.png: 16 bits per channel (supported: up to 8)",
            f => File.WriteAllBytes(f, Png(Grey, 2, 20, bits: 16)));
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
        byte[] header = [0, 0, 0, (byte)columns, 0, 0, 0, 2, bits, kind, 0, 0, 0];
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

        return
        [
            0x89,
            .. "PNG\r\n\x1a\n"u8,
            .. Chunk("IHDR"u8, header),
            .. Chunk("IDAT"u8, pixels.ToArray()),
            .. Chunk("IEND"u8, []),
        ];
    }

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
