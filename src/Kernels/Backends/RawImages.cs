namespace QSim.Kernels.Backends;

/// <summary>
/// Raw images that are made where they are wanted, so that they need not all lie in memory first.
/// </summary>
/// <param name="count">How many.</param>
/// <param name="length">Values of one.</param>
/// <param name="read">
/// Told which image; fills its values, [channel][row][column]. Called by several threads.
/// </param>
public sealed class RawImages(int count, int length, Action<int, Span<long>> read)
{
    /// <summary>How many.</summary>
    public int Count => count;

    /// <summary>Values of one image.</summary>
    public int Length => length;

    /// <summary>Images that lie in memory.</summary>
    /// <param name="values">Raw values, [image][channel][row][column].</param>
    /// <param name="images">How many images these are.</param>
    public static RawImages Of(long[] values, int images)
    {
        int length = images == 0 ? 0 : values.Length / images;
        return new(images, length, (i, to) => values.AsSpan(i * length, length).CopyTo(to));
    }

    /// <summary>Writes the values of one.</summary>
    public void Read(int image, Span<long> values) => read(image, values);

    /// <summary>All of them, [image][channel][row][column].</summary>
    public long[] ToArray()
    {
        long[] values = GC.AllocateUninitializedArray<long>(checked(count * length));
        Parallel.For(0, count, i => read(i, values.AsSpan(i * length, length)));
        return values;
    }
}
