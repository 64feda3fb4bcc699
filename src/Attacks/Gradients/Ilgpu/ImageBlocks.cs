using ILGPU;

namespace QSim.Attacks.Gradients.Ilgpu;

/// <summary>
/// How tensors lie on a device: [block of 32 images][channel][row][column][image in its block], so
/// that the lanes of a warp are images, and do the same at the same time whatever the layer.
/// </summary>
internal static class ImageBlocks
{
    /// <summary>Images side by side: the lanes of a warp.</summary>
    public const int Lanes = 32;

    /// <summary>Blocks that hold so many images.</summary>
    public static int For(int images) => (images + Lanes - 1) / Lanes;

    /// <summary>Images that lie one behind another, into blocks; lanes without one are 0.</summary>
    /// <param name="index">Of a value in the blocks.</param>
    /// <param name="images">[image][value].</param>
    /// <param name="blocks">Filled.</param>
    /// <param name="length">Values of an image.</param>
    /// <param name="count">Images.</param>
    public static void Gather(
        Index1D index, ArrayView<float> images, ArrayView<float> blocks, int length, int count)
    {
        int image = Image(index, length);
        blocks[index] = image < count ? images[(image * length) + Value(index, length)] : 0;
    }

    /// <summary>The way back.</summary>
    /// <param name="index">Of a value in the blocks.</param>
    /// <param name="blocks">What lies in blocks.</param>
    /// <param name="images">Filled, [image][value].</param>
    /// <param name="length">Values of an image.</param>
    /// <param name="count">Images.</param>
    public static void Scatter(
        Index1D index, ArrayView<float> blocks, ArrayView<float> images, int length, int count)
    {
        int image = Image(index, length);
        if (image < count) images[(image * length) + Value(index, length)] = blocks[index];
    }

    /// <summary>The image that a value in the blocks belongs to.</summary>
    public static int Image(int index, int length) =>
        (index / (length * Lanes) * Lanes) + (index % Lanes);

    /// <summary>Which of an image's values it is.</summary>
    public static int Value(int index, int length) => index / Lanes % length;
}
