using QSim.Kernels.Datapath;
using QSim.Runner.Data;

namespace QSim.Runner.Serving;

/// <summary>Images without labels that a client sent to calibrate on, as a dataset.</summary>
/// <param name="shape">Of one image.</param>
/// <param name="pixels">One after another, in 0..1.</param>
internal sealed class SentImages(TensorShape shape, float[] pixels) : IDatasetSource
{
    /// <inheritdoc/>
    public string Name => "the images sent";

    /// <inheritdoc/>
    public string Description => "images that a client sent";

    /// <inheritdoc/>
    public string HowToGet => "send them";

    /// <summary>How many.</summary>
    public int Count => pixels.Length / shape.Length;

    /// <inheritdoc/>
    public string Locate(DataFolders folders) => Name;

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        var images = new ImageSet(shape, pixels, new int[Count]);
        return new(
            Name, Classes: 1, images, images,
            Digest.Of(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan())))
        {
            IsOneSet = true,
        };
    }
}
