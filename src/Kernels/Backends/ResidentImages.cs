namespace QSim.Kernels.Backends;

/// <summary>
/// Raw images that programs of one backend read again and again. A backend with memory of its own
/// keeps them there, so that each is uploaded once however many programs run on it.
/// </summary>
/// <param name="images">How many.</param>
/// <param name="length">Values of one image.</param>
public abstract class ResidentImages(int images, int length) : IDisposable
{
    /// <summary>How many.</summary>
    public int Images => images;

    /// <summary>Values of one image.</summary>
    public int Length => length;

    /// <summary>Frees them.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>What a run over some of them asks for is there.</summary>
    /// <param name="first">The first image of the run.</param>
    /// <param name="count">How many.</param>
    /// <param name="perImage">Values that the program reads per image.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public void Require(int first, int count, int perImage)
    {
        if (perImage != length)
            throw new ArgumentException($"images of {length} values where {perImage} are needed");
        if (first < 0 || count < 0 || first > images - count)
            throw new ArgumentException($"images {first} to {first + count} of {images}");
    }
}

/// <summary>
/// Images in the program's own memory, which is where backends on the CPU want them.
/// </summary>
/// <param name="inputs">Raw values, [image][channel][row][column].</param>
/// <param name="images">How many images these are.</param>
internal sealed class HostImages(long[] inputs, int images)
    : ResidentImages(images, images == 0 ? 0 : inputs.Length / images)
{
    /// <summary>All of them at once.</summary>
    public static HostImages Of(RawImages images) => new(images.ToArray(), images.Count);

    /// <summary>The raw values of some images.</summary>
    public ReadOnlySpan<long> Slice(int first, int count) =>
        inputs.AsSpan(first * Length, count * Length);
}
