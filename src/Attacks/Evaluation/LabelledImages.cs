using QSim.Kernels.Datapath;

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

    /// <summary>One image.</summary>
    public ReadOnlySpan<float> Image(int i) => Pixels.AsSpan(i * Shape.Length, Shape.Length);

    /// <summary>Images [first, first + count) with their indices.</summary>
    public LabelledImages Slice(int first, int count) => new(
        Shape,
        Pixels[(first * Shape.Length)..((first + count) * Shape.Length)],
        Labels[first..(first + count)])
    {
        FirstIndex = FirstIndex + first,
    };
}
