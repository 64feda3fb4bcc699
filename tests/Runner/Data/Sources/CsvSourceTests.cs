using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.Data.Sources;

/// <summary>Lines of file,label.</summary>
public class CsvSourceTests
{
    [Fact]
    public void Load_FileAndLabel_IsOneSet()
    {
        using var folder = Images();

        Dataset data = Load(folder, "file,label\na.png,2\n\"sub/b.png\", 0\n");

        Assert.Equal((3, 2), (data.Classes, data.Test.Count));
        Assert.Equal([2, 0], data.Test.Labels);
        Assert.Equal([10 / 255f, 20 / 255f], data.Test.Pixels);
        Assert.Equal(new TensorShape(1, 1, 1), data.Test.Shape);
        Assert.True(data.IsOneSet);
        Assert.Same(data.Test, data.Train);
    }

    [Fact]
    public void Load_NamesAndSplits_AreNumberedAndParted()
    {
        using var folder = Images();

        Dataset data = Load(
            folder, "label,split,file\ndog,test,a.png\ncat,train,sub/b.png\ndog,train,a.png\n");

        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal([1], data.Test.Labels);
        Assert.Equal([0, 1], data.Train.Labels);
        Assert.False(data.IsOneSet);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a.png,1\n", ":1: the header is a.png, 1 (supported: file, label and")]
    [InlineData("file,label,file\n", ":1: the header is file, label, file")]
    [InlineData("file,label\n", "has no rows")]
    [InlineData("file,label\na.png\n", ":2: 1 fields where the header names 2")]
    [InlineData("file,label\n\na.png,\n", ":3: no file or no label")]
    [InlineData("file,label\na.png,0\n", "every label is 0")]
    [InlineData("file,label\na.png,10000\n", ":2: label 10000 (supported: 0..9999, or names)")]
    [InlineData("file,label\na.png,-1\n", ":2: label -1")]
    [InlineData("file,label,split\na.png,1,tset\n", ":2: split 'tset' (supported: train, test)")]
    [InlineData("file,label,split\na.png,1,train\n", "no row's split is test")]
    [InlineData("file,label\nmissing.png,1\n", "missing.png")]
    public void Load_WrongLines_AreRefusedAtTheirPlace(string text, string why)
    {
        using var folder = Images();

        string message = Assert.Throws<RequestException>(() => Load(folder, text)).Message;

        Assert.Contains(why, message);
        Assert.DoesNotContain('\n', message);
    }

    private static Dataset Load(TemporaryFolder folder, string text)
    {
        File.WriteAllText(folder.File("labels.csv"), text);
        return DatasetList.Find(folder.File("labels.csv")).Load(new([]));
    }

    private static TemporaryFolder Images()
    {
        var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("sub"));
        File.WriteAllBytes(folder.File("a.png"), Png.File(1, 1, 1, [10 / 255f]));
        File.WriteAllBytes(folder.File("sub/b.png"), Png.File(1, 1, 1, [20 / 255f]));
        return folder;
    }
}
