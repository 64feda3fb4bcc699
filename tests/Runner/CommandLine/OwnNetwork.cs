using System.Runtime.InteropServices;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Golden networks with images as a user has them: files beside each other.</summary>
internal static class OwnNetwork
{
    /// <summary>Where golden networks are.</summary>
    public static readonly string Golden =
        Path.Combine(Shared.Repository, "tests", "Simulator", "Networks", "Files", "Golden");

    /// <summary>
    /// The golden LeNet of five classes, its images, and labels that PyTorch's logits have, but
    /// for the last; in <c>seven.npz</c> of seven classes.
    /// </summary>
    public static TemporaryFolder LeNet()
    {
        var folder = new TemporaryFolder();
        foreach (string file in new[] { "lenet.onnx", "lenet.yaml", "lenet.weights.npz" })
            File.Copy(Path.Combine(Golden, file), folder.File(file));
        (NpyArray images, long[] labels, int classes) = Images("lenet");
        labels[2] = labels[2] == 4 ? 0 : 4;
        WriteData(folder.File("d.npz"), images, labels, classes);
        WriteData(folder.File("seven.npz"), images, labels, 7);
        return folder;
    }

    /// <summary>Images of a golden file, and the classes that PyTorch puts them in.</summary>
    public static (NpyArray Images, long[] Labels, int Classes) Images(string golden)
    {
        IReadOnlyDictionary<string, NpyArray> arrays = NpzFile.Read(
            File.ReadAllBytes(Path.Combine(Golden, golden + ".npz")));
        float[] logits = MemoryMarshal.Cast<byte, float>(arrays["y"].Data).ToArray();
        int classes = logits.Length / 3;
        return (
            arrays["x"],
            [.. logits.Chunk(classes).Select(row => (long)Array.IndexOf(row, row.Max()))], classes);
    }

    /// <summary>
    /// The last training image has the last label, for there are as many classes as labels say.
    /// </summary>
    public static void WriteData(string path, NpyArray images, long[] labels, int classes)
    {
        NpyArray train = NpyArray.Of([.. labels[..^1], classes - 1], labels.Length),
            test = NpyArray.Of(labels, labels.Length);
        using FileStream file = File.Create(path);
        NpzFile.Write(
            file, [("x_train", images), ("y_train", train), ("x_test", images), ("y_test", test)]);
    }
}
