using QSim.Kernels.Datapath;

namespace QSim.Runner.Data;

/// <summary>Labelled images.</summary>
/// <param name="Shape">Shape of one image.</param>
/// <param name="Pixels">[image][channel][row][column], values in [0, 1].</param>
/// <param name="Labels">One class index per image.</param>
internal sealed record ImageSet(TensorShape Shape, float[] Pixels, int[] Labels)
{
    /// <summary>Whether pixels are 255ths: bytes, of which 255 is 1.</summary>
    public bool IsBytes { get; init; }

    /// <summary>How many images.</summary>
    public int Count => Labels.Length;

    /// <summary>The pixels of a run of images.</summary>
    public ReadOnlySpan<float> Images(int first, int count) =>
        Pixels.AsSpan(first * Shape.Length, count * Shape.Length);

    /// <summary>
    /// A copy of <paramref name="count"/> images from <paramref name="first"/> on.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public ImageSet Slice(int first, int count) =>
        this with
        {
            Pixels = Images(first, count).ToArray(),
            Labels = Labels.AsSpan(first, count).ToArray(),
        };
}
