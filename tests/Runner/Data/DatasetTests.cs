using System.IO.Compression;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;

namespace QSim.Runner.Tests.Data;

public class DatasetTests
{
    private static readonly DataFolders None = new([]);

    [Fact]
    public void Digits_Load_SplitsAsDocumented()
    {
        Dataset digits = DatasetList.Find("digits").Load(None);

        Assert.Equal((1297, 500), (digits.Train.Count, digits.Test.Count));
        Assert.Equal(new TensorShape(1, 8, 8), digits.Train.Shape);
        Assert.All(digits.Train.Pixels, p => Assert.InRange(p, 0f, 1f));
        Assert.Equal(10, digits.Train.Labels.Distinct().Count());
    }

    [SkippableFact]
    public void Digits_Load_EqualsTheOriginalRowByRow()
    {
        Skip.If(Shared.Folder is null, "no shared folder beside the repository");
        string path = Path.Combine(Shared.Folder!, "data", "digits", "digits.csv.gz");
        Skip.IfNot(File.Exists(path), $"{path} is missing");
        using var reader = new StreamReader(
            new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        int[][] rows =
        [
            .. reader
                .ReadToEnd()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(',').Select(int.Parse).ToArray()),
        ];

        Dataset digits = DatasetList.Find("digits").Load(None);

        Assert.Equal(rows.Select(r => r[64]), digits.Train.Labels.Concat(digits.Test.Labels));
        Assert.Equal(
            rows.SelectMany(r => r.Take(64)).Select(v => v / 16f),
            digits.Train.Pixels.Concat(digits.Test.Pixels));
    }

    [SkippableTheory]
    [InlineData("mnist")]
    [InlineData("fashion-mnist")]
    public void IdxSource_RealFiles_Load(string name)
    {
        Skip.If(Shared.Folder is null, "no shared folder beside the repository");
        var folders = new DataFolders([Path.Combine(Shared.Folder!, "data")]);
        IDatasetSource source = DatasetList.Find(name);
        Skip.If(source.Locate(folders) is null, $"{name} is not in {folders.All[0]}");

        Dataset dataset = source.Load(folders);

        Assert.Equal((60000, 10000), (dataset.Train.Count, dataset.Test.Count));
        Assert.Equal(new TensorShape(1, 28, 28), dataset.Test.Shape);
        Assert.Equal(1f, dataset.Test.Pixels.Max());
    }

    [Fact]
    public void IdxSource_NotThere_SaysWhereItLookedAndWhatToDo()
    {
        using var folder = new TemporaryFolder();

        string message = Assert.Throws<RequestException>(
            () => DatasetList.Find("mnist").Load(new([folder.Path]))).Message;

        Assert.Contains($"not found in {folder.File("mnist")}", message);
        Assert.Contains("put its four files", message);
    }

    [Fact]
    public void IdxSource_OneFileMissing_NamesIt()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("mnist"));
        File.WriteAllBytes(
            folder.File("mnist/train-images-idx3-ubyte"),
            [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9]);

        string message = Assert.Throws<RequestException>(
            () => DatasetList.Find("mnist").Load(new([folder.Path]))).Message;

        Assert.EndsWith("train-labels-idx1-ubyte[.gz]: no such file", message);
    }

    [Fact]
    public void Find_UnknownName_ListsKnownOnes() => Assert.Equal(
        "unknown dataset 'cifar' (supported: digits, mnist, fashion-mnist, cifar-10, " +
        "a FILE.npz, a FILE.csv, a folder of PNG images)",
        Assert.Throws<RequestException>(() => DatasetList.Find("cifar")).Message);
}
