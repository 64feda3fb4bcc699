using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;

namespace QSim.Attacks.Evaluation;

/// <summary>Images to attack, with their true classes.</summary>
/// <param name="Shape">Shape of one image.</param>
/// <param name="Pixels">[image][channel][row][column], values in [0, 1].</param>
/// <param name="Labels">One class per image.</param>
public sealed record LabelledImages(TensorShape Shape, float[] Pixels, int[] Labels)
{
    /// <summary>
    /// Index of the first image in its dataset. All that is random is keyed by these indices, so a
    /// shard gives the same results as the whole.
    /// </summary>
    public long FirstIndex { get; init; }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>Images and labels as NumPy keeps them.</summary>
    /// <param name="images">
    /// [image][feature], [image][row][column] or [image][channel][row][column]: bytes, of which 255
    /// is white, or reals in [0, 1].
    /// </param>
    /// <param name="labels">One class per image, from 0.</param>
    /// <exception cref="ArgumentException">They are something else.</exception>
    public static LabelledImages Of(NpyArray images, NpyArray labels)
    {
        TensorShape shape = images.Shape.AsSpan() switch
        {
            [_, var features] => new(features),
            [_, var rows, var columns] => new(1, rows, columns),
            [_, var channels, var rows, var columns] => new(channels, rows, columns),
            _ => throw new ArgumentException(
                $"images have {images.Shape.Length} dimensions (supported: 2 to 4)",
                nameof(images)),
        };
        if (labels.Shape is not [var count] || count != images.Shape[0] || !labels.IsInteger)
            throw new ArgumentException(
                $"labels are not {images.Shape[0]} integers in one dimension", nameof(labels));
        long[] classes = labels.ToIntegers();
        if (classes.FirstOrDefault(c => c is < 0 or > int.MaxValue) is var wrong and not 0)
            throw new ArgumentException($"label {wrong} is not a class", nameof(labels));
        return new(shape, PixelsOf(images), Array.ConvertAll(classes, c => (int)c));
    }

    private static float[] PixelsOf(NpyArray images)
    {
        if (images.Type == "|u1") return Array.ConvertAll(images.Data, b => b / 255f);
        float[] pixels = images.IsInteger || images.IsText
            ? throw new ArgumentException(
                $"images are '{images.Type}' (supported: bytes, or reals in [0, 1])",
                nameof(images))
            : Array.ConvertAll(images.ToReals(), v => (float)v);
        int outside = Array.FindIndex(pixels, v => v is not (>= 0 and <= 1));
        return outside < 0 ? pixels : throw new ArgumentException(
            $"pixel {outside} is {pixels[outside]} (supported: 0..1)", nameof(images));
    }

    /// <summary>One image.</summary>
    public ReadOnlySpan<float> Image(int i) => Pixels.AsSpan(i * Shape.Length, Shape.Length);

    /// <summary>Images [first, first + count) with their indices.</summary>
    public LabelledImages Slice(int first, int count) => first == 0 && count == Count ? this : new(
        Shape,
        Batches.Copy(Pixels.AsMemory(first * Shape.Length, count * Shape.Length)),
        Labels[first..(first + count)])
    {
        FirstIndex = FirstIndex + first,
    };
}
