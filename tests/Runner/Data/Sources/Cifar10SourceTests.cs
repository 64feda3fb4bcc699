using System.Formats.Tar;
using System.IO.Compression;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Data.Sources;

namespace QSim.Runner.Tests.Data.Sources;

public class Cifar10SourceTests
{
    [Theory]
    [InlineData("cifar-10")]
    [InlineData("cifar-10-batches-bin")]
    public void Load_Folder_ReadsLabelsAndPlanes(string subfolder)
    {
        using var folder = new TemporaryFolder();
        WriteFiles(folder.File(subfolder));

        Dataset data = new Cifar10Source().Load(new([folder.Path]));

        Assert.Equal((10, 3), (data.Train.Count, data.Test.Count));
        Assert.Equal(new TensorShape(3, 32, 32), data.Train.Shape);
        Assert.Equal([1, 2, 2, 3, 3, 4, 4, 5, 5, 6], data.Train.Labels);
        Assert.Equal([7, 8, 9], data.Test.Labels);
        // The byte of channel c, row r, column x is (label + c + r + x) % 256.
        Assert.Equal(
            (8 + 2 + 31 + 30) / 255f, data.Test.Pixels[3072 + (2 * 1024) + (31 * 32) + 30]);
    }

    [Fact]
    public void Load_Archive_GivesTheSameBytesAsTheFolder()
    {
        using var folder = new TemporaryFolder();
        WriteFiles(folder.File("files/cifar-10-batches-bin"));
        File.WriteAllText(folder.File("files/cifar-10-batches-bin/readme.html"), "hello");
        Directory.CreateDirectory(folder.File("data/cifar-10"));
        using (FileStream file = File.Create(folder.File("data/cifar-10/cifar-10-binary.tar.gz")))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
            TarFile.CreateFromDirectory(folder.File("files"), gzip, includeBaseDirectory: false);

        Dataset unpacked = new Cifar10Source().Load(new([folder.File("files")]));
        Dataset packed = new Cifar10Source().Load(new([folder.File("data")]));

        Assert.Equal(unpacked.Sha256, packed.Sha256);
        Assert.Equal(unpacked.Train.Pixels, packed.Train.Pixels);
        Assert.Equal(unpacked.Test.Labels, packed.Test.Labels);
    }

    [Fact]
    public void Load_TruncatedFile_SaysWhich()
    {
        using var folder = new TemporaryFolder();
        WriteFiles(folder.File("cifar-10"));
        using (FileStream file = File.OpenWrite(folder.File("cifar-10/data_batch_3.bin")))
            file.SetLength(6000);

        Says("data_batch_3.bin: 6000 bytes are not a whole number of images of 3073 bytes", folder);
    }

    [Fact]
    public void Load_LabelOutOfRange_SaysWhich()
    {
        using var folder = new TemporaryFolder();
        WriteFiles(folder.File("cifar-10"));
        using (FileStream file = File.OpenWrite(folder.File("cifar-10/test_batch.bin")))
        {
            file.Position = 3073;
            file.WriteByte(10);
        }

        Says("test_batch.bin: label 1 is 10 (supported: 0..9)", folder);
    }

    [Fact]
    public void Load_FileMissing_SaysWhich()
    {
        using var folder = new TemporaryFolder();
        WriteFiles(folder.File("cifar-10"));
        File.Delete(folder.File("cifar-10/data_batch_5.bin"));

        Says("data_batch_5.bin: no such file", folder);
    }

    [Fact]
    public void Load_DamagedArchive_Says()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(
            folder.File("cifar-10-binary.tar.gz"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]);

        Says("cifar-10-binary.tar.gz: is not a complete .tar.gz", folder);
    }

    private static void Says(string expected, TemporaryFolder folder) =>
        Assert.Contains(
            expected,
            Assert
                .Throws<RequestException>(() => new Cifar10Source().Load(new([folder.Path])))
                .Message);

    private static void WriteFiles(string folder)
    {
        Directory.CreateDirectory(folder);
        for (int i = 1; i <= 5; i++)
            File.WriteAllBytes(
                Path.Combine(folder, $"data_batch_{i}.bin"), [.. Image(i), .. Image(i + 1)]);
        File.WriteAllBytes(
            Path.Combine(folder, "test_batch.bin"), [.. Image(7), .. Image(8), .. Image(9)]);
    }

    private static IEnumerable<byte> Image(int label) => Enumerable.Range(0, 3072)
        .Select(i => (byte)(label + (i / 1024) + (i / 32 % 32) + (i % 32))).Prepend((byte)label);
}
