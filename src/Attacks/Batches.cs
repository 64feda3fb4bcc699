namespace QSim.Attacks;

/// <summary>
/// Work on images that one thread has to itself because a device does the rest: done by all cores
/// where there are many. Shares of several threads have fewer images than that.
/// </summary>
internal static class Batches
{
    private const int ManyImages = 1024;
    private const int ChunkLength = 1 << 16;
    private const int FewChunks = 12;

    /// <summary>Whether so many images are worth more than one thread.</summary>
    public static bool IsLarge(int images) => images >= ManyImages;

    /// <summary>Does work that each image needs by itself.</summary>
    /// <param name="count">Images.</param>
    /// <param name="work">Told which.</param>
    public static void ForEach(int count, Action<int> work)
    {
        if (IsLarge(count)) Parallel.For(0, count, work);
        else for (int i = 0; i < count; i++) work(i);
    }

    /// <summary>Does work on values that lie one behind another.</summary>
    /// <param name="length">Values.</param>
    /// <param name="work">Told the first and how many.</param>
    public static void ForChunks(int length, Action<int, int> work)
    {
        int chunks = (length + ChunkLength - 1) / ChunkLength;
        if (chunks < FewChunks) work(0, length);
        else
            Parallel.For(0, chunks, i => work(
                i * ChunkLength, Math.Min(ChunkLength, length - (i * ChunkLength))));
    }

    /// <summary>A copy of values, made by all cores where they are many.</summary>
    public static float[] Copy(ReadOnlyMemory<float> values)
    {
        float[] copy = GC.AllocateUninitializedArray<float>(values.Length);
        ForChunks(values.Length, (first, count) =>
            values.Span.Slice(first, count).CopyTo(copy.AsSpan(first)));
        return copy;
    }
}
