using System.Text;
using QSim.Kernels.Datapath;
using QSim.Runner.Data.Pixels;
using QSim.Simulator;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// A dataset of the user's own in one <c>numpy.savez</c> file: <c>x_train</c>, <c>y_train</c>,
/// <c>x_test</c>, <c>y_test</c> (as Keras' files have them), or the last two alone. Labels are
/// whole numbers from 0; how many classes there are, the largest says. <see cref="NpzImages"/> says
/// what images may look like.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="range">What black and white are among floats; null for 0 and 1.</param>
/// <param name="layout">Where channels are; null for what shapes say.</param>
internal sealed class NpzSource(
    string path, PixelRange? range = null, ChannelLayout? layout = null) : IDatasetSource
{
    private const int MostClasses = 10_000;

    private static readonly string[] Trained = ["x_train", "y_train"];

    /// <inheritdoc/>
    public string Name => path;

    /// <inheritdoc/>
    public string Description => "arrays of numpy";

    /// <inheritdoc/>
    public string HowToGet =>
        "numpy.savez_compressed(file, x_train=..., y_train=..., x_test=..., y_test=...)";

    /// <inheritdoc/>
    public string? Locate(DataFolders folders) => File.Exists(path) ? path : null;

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        byte[] file = DataBytes.Read(path);
        var others = new Dictionary<string, string>();
        IReadOnlyDictionary<string, NpyArray> arrays = Read(file, others);
        NpyArray Of(string name) =>
            arrays.GetValueOrDefault(name)
            ?? throw (others.TryGetValue(name, out string? reason)
                ? Bad($"array '{name}': {reason}")
                : Bad(
                    $"has no array '{name}' (found: {Brief.List(arrays.Keys)}; needed: x_test and "
                        + "y_test, and x_train and y_train to train or calibrate on)"));
        bool isOne = !Trained.Any(n => arrays.ContainsKey(n) || others.ContainsKey(n));
        ImageSet? trained = isOne ? null : Set("x_train", "y_train", Of);
        ImageSet test = Set("x_test", "y_test", Of), train = trained ?? test;
        if (train.Shape != test.Shape)
            throw Bad($"x_test: images of {test.Shape}, but {train.Shape} for training");
        int classes = train.Labels.Concat(test.Labels).Max() + 1;
        if (classes < 2)
            throw Bad(
                $"{(isOne ? "y_test" : "y_train")}: every label is 0, and classification needs at "
                    + "least two classes");
        return new(
            Path.GetFileNameWithoutExtension(path), classes, train, test,
            range is null
                ? Digest.Of(file)
                : Digest.OfAll([file, Encoding.UTF8.GetBytes($"{range}")]))
        {
            WhatSays = least => (isOne ? null : First("y_train", train.Labels, least))
                ?? First("y_test", test.Labels, least),
            IsChannelsLast = Of("x_test").Shape is { Length: 4 } shape
                && NpzImages.IsChannelsLast(shape, Bad, layout),
            IsOneSet = isOne,
        };
    }

    private ImageSet Set(string images, string labels, Func<string, NpyArray> of)
    {
        (TensorShape shape, float[] pixels) = Images(images, of);
        return new(shape, pixels, Labels(labels, of, pixels.Length / shape.Length))
        {
            IsBytes = IsBytes(of(images)),
        };
    }

    private IReadOnlyDictionary<string, NpyArray> Read(
        byte[] file, Dictionary<string, string> others)
    {
        try
        {
            return NpzFile.Read(file, others);
        }
        catch (InvalidDataException e)
        {
            throw Bad(e.Message.TrimEnd('.'));
        }
    }

    private (TensorShape Shape, float[] Pixels) Images(string name, Func<string, NpyArray> of)
    {
        NpyArray array = of(name);
        return (
            NpzImages.ShapeOf(array, why => Bad($"{name}: {why}"), layout),
            NpzImages.Decode(array, why => Bad($"{name}: {why}"), range, layout));
    }

    private string? First(string name, int[] labels, int least) =>
        Array.FindIndex(labels, l => l >= least) is var found and >= 0
            ? $"{path}: {name}: label {found} is {labels[found]}"
            : null;

    private static bool IsBytes(NpyArray array) => array.Type is "|u1" or "<u1";

    private int[] Labels(string name, Func<string, NpyArray> of, int images)
    {
        NpyArray array = of(name);
        bool isColumn = array.Shape.Length == 2 && array.Shape[1] == 1;
        if (!array.IsInteger || (array.Shape.Length != 1 && !isColumn))
        {
            throw Bad(
                $"{name}: '{array.Type}' of shape {NpzImages.Text(array.Shape)} (supported: whole "
                    + "numbers, one per image; of one-hot rows take the argmax)");
        }

        if (array.Length != images) throw Bad($"{name}: {array.Length} labels for {images} images");
        long[] labels = array.ToIntegers();
        int bad = Array.FindIndex(labels, l => l is < 0 or >= MostClasses);
        if (bad >= 0)
            throw Bad($"{name}: label {bad} is {labels[bad]} (supported: 0..{MostClasses - 1})");
        return Array.ConvertAll(labels, l => (int)l);
    }

    private RequestException Bad(string what) => new($"{path}: {what}");
}
