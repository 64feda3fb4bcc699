using System.Runtime.InteropServices;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Data.Pixels;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.Data.Sources;

public class NpzSourceTests
{
    private static readonly NpyArray Labels = NpyArray.Of([0, 2], 2);
    private static readonly byte[] Bytes =
        [.. Enumerable.Range(0, 2 * 4 * 5 * 3).Select(i => (byte)(2 * i))];

    [Fact]
    public void Load_ChannelsFirstAndLast_GiveTheSameImages()
    {
        var last = new byte[Bytes.Length];
        for (int n = 0; n < 2; n++)
            for (int c = 0; c < 3; c++)
                for (int p = 0; p < 20; p++)
                    last[(n * 60) + (p * 3) + c] = Bytes[(n * 60) + (c * 20) + p];

        Dataset first = Load(new("|u1", [2, 3, 4, 5], Bytes), Labels);
        Dataset second = Load(new("|u1", [2, 4, 5, 3], last), Labels);

        Assert.Equal(new TensorShape(3, 4, 5), first.Test.Shape);
        Assert.Equal(new TensorShape(3, 4, 5), second.Test.Shape);
        Assert.Equal(Bytes.Select(b => b / 255f), first.Test.Pixels);
        Assert.Equal(first.Test.Pixels, second.Test.Pixels);
        Assert.Equal([0, 2], first.Test.Labels);
        Assert.Equal(3, first.Classes);
        Assert.NotEqual(first.Sha256, second.Sha256);
    }

    [Theory]
    [InlineData("1x6x10", 2, 6, 10)]
    [InlineData("60x1x1", 2, 60)]
    [InlineData("1x6x10", 2, 6, 10, 1)]
    [InlineData("1x6x10", 2, 1, 6, 10)]
    public void Load_Shapes_AreReadAsDocumented(string expected, params int[] shape) =>
        Assert.Equal(expected, Load(new("|u1", [.. shape], Bytes), Labels).Test.Shape.ToString());

    [Theory]
    [InlineData("<f4")]
    [InlineData("<f8")]
    public void Load_Floats_AreTakenAsTheyAre(string type)
    {
        double[] values = [0, 0.25, 1, 0.5];
        byte[] data = type == "<f8"
            ? MemoryMarshal.AsBytes(values.AsSpan()).ToArray()
            : MemoryMarshal.AsBytes(Array.ConvertAll(values, v => (float)v).AsSpan()).ToArray();

        Assert.Equal([0, 0.25f, 1, 0.5f], Load(new(type, [2, 2], data), Labels).Train.Pixels);
    }

    [Fact]
    public void Load_ValueOutsideTheUnitInterval_SaysWhichAndWhatToDo()
    {
        foreach (float bad in new[] { 255f, -0.5f, float.NaN })
        {
            float[] values = [0, 1, bad, 0];
            Says(
                FormattableString.Invariant($"d.npz: x_train: value 2 is {bad}"),
                new("<f4", [2, 2], MemoryMarshal.AsBytes(values.AsSpan()).ToArray()),
                Labels);
        }
    }

    [Theory]
    [InlineData(
        "shape (2, 3, 7, 1): either the second or the last dimension may be the channels", 2, 3, 7,
        1)]
    [InlineData("shape (2, 7, 5, 6) has no dimension of 1 to 4 channels", 2, 7, 5, 6)]
    [InlineData("shape (120) is not that of images", 120)]
    public void Load_ShapeThatCouldMeanAnything_IsRefused(string expected, params int[] shape) =>
        Says(expected, new("|u1", [.. shape], new byte[shape.Aggregate((a, b) => a * b)]), Labels);

    [Fact]
    public void Load_Labels_AreChecked()
    {
        var images = new NpyArray("|u1", [2, 30], new byte[60]);
        Says("y_train: 3 labels for 2 images", images, NpyArray.Of([0, 1, 2], 3));
        Says("y_train: label 1 is -1 (supported: 0..", images, NpyArray.Of([0, -1], 2));
        Says("y_train: every label is 0", images, NpyArray.Of([0, 0], 2));
        Says(
            "y_train: '<i4' of shape (2, 3) (supported: whole numbers, one per image", images,
            NpyArray.Of([0, 0, 1, 1, 0, 0], 2, 3));
        Assert.Equal([0, 1], Load(images, NpyArray.Of([0, 1], 2, 1)).Train.Labels);
    }

    [Fact]
    public void Load_FileIsNone_Says()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("d.npz"), "no archive");
        Assert.StartsWith(folder.File("d.npz"), Refusal(folder));
        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(file, [("x_train", new("|u1", [1, 4], new byte[4]))]);
        Assert.Contains("has no array 'y_train' (found: x_train; needed:", Refusal(folder));
    }

    /// <summary>A test set alone is enough for a trained network.</summary>
    [Fact]
    public void Load_WithoutTrainingImages_IsOneSet()
    {
        using var folder = new TemporaryFolder();
        NpyArray images = new("|u1", [2, 30], new byte[60]);
        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(file, [("x_test", images), ("y_test", Labels)]);
        Dataset data = DatasetList.Find(folder.File("d.npz")).Load(new([]));
        Assert.True(data.IsOneSet);
        Assert.Equal([0, 2], data.Test.Labels);
        Assert.Equal(2, data.Train.Count);
        Assert.False(Load(images, Labels).IsOneSet);

        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(
                file, [("x_test", images), ("y_test", Labels), ("x_train", images)]);
        Assert.Contains(
            "has no array 'y_train' (found: x_test, y_test, x_train; needed:", Refusal(folder));
    }

    /// <summary>Objects and dates beside the images: nobody asks for them.</summary>
    [Theory]
    [InlineData("names", "|O", null)]
    [InlineData("when", "<M8", null)]
    [InlineData("y_test", "|O", "array 'y_test': elements of type '|O' are not supported")]
    public void Load_ArrayOfAnotherType_MattersOnlyWhereItIsAskedFor(
        string name, string type, string? why)
    {
        using var folder = new TemporaryFolder();
        NpyArray images = new("|u1", [2, 30], new byte[60]);
        (string Name, NpyArray Array)[] arrays =
        [
            ("x_train", images), ("y_train", Labels), ("x_test", images), ("y_test", Labels),
        ];
        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(file, [
                .. arrays.Where(a => a.Name != name), (name, new(type, [2], new byte[16])),
            ]);

        if (why is null)
            Assert.Equal(2, DatasetList.Find(folder.File("d.npz")).Load(new([])).Test.Count);
        else
            Assert.Contains(why, Refusal(folder));
    }

    /// <summary>Three rows of one channel, or one row of three.</summary>
    [Theory]
    [InlineData("ChannelsFirst", 3, 7, 1)]
    [InlineData("ChannelsLast", 1, 3, 7)]
    public void Load_LayoutThatShapesLeaveOpen_IsTheOneThatIsSaid(
        string said, int channels, int rows, int columns)
    {
        var layout = Enum.Parse<ChannelLayout>(said);
        using var folder = new TemporaryFolder();
        NpyArray images = new("|u1", [2, 3, 7, 1], new byte[42]);
        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(
                file,
                [("x_train", images), ("y_train", Labels), ("x_test", images), ("y_test", Labels)]);

        Dataset data = DatasetList.Find(
            folder.File("d.npz"), null, new ImageGeometry { Layout = layout }).Load(new([]));

        Assert.Equal(new TensorShape(channels, rows, columns), data.Test.Shape);
    }

    private static string Refusal(TemporaryFolder folder) => Assert.Throws<RequestException>(
        () => DatasetList.Find(folder.File("d.npz")).Load(new([]))).Message;

    private static void Says(string expected, NpyArray images, NpyArray labels) =>
        Assert.Contains(
            expected, Assert.Throws<RequestException>(() => Load(images, labels)).Message);

    private static Dataset Load(NpyArray images, NpyArray labels)
    {
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(
                file,
                [("x_train", images), ("y_train", labels), ("x_test", images), ("y_test", labels)]);
        Dataset data = DatasetList.Find(folder.File("d.npz")).Load(new([]));
        Assert.Equal("d", data.Name);
        return data;
    }
}
