using System.Diagnostics;

namespace QSim.CudaDriver.Driver;

/// <summary>Marks in streams, with the time when their turn came.</summary>
internal static class Events
{
    private static readonly Dictionary<nint, Mark> Marks = [];

    /// <summary>A mark that lies nowhere yet.</summary>
    public static nint Create(Card card)
    {
        nint handle = card.NewHandle();
        Marks[handle] = new(0, 0, null);
        return handle;
    }

    /// <summary>Forgets a mark.</summary>
    public static void Destroy(nint handle) => Marks.Remove(handle);

    /// <summary>Puts a mark behind what a stream has to do.</summary>
    public static void Record(Card card, nint handle, nint stream)
    {
        var mark = new Mark(stream, 0, card.Mark(stream));
        Marks[handle] = mark;
        card.Add(stream, () =>
        {
            // Recorded again since, it lies elsewhere.
            if (Marks.TryGetValue(handle, out Mark? now) && ReferenceEquals(now, mark))
                Marks[handle] = mark with { Time = Stopwatch.GetTimestamp() };
        });
    }

    /// <summary>Waits for a mark.</summary>
    public static void Wait(Card card, nint handle) =>
        card.Wait(Marks[handle].Stream, Marks[handle].Before);

    /// <summary>Milliseconds between two marks.</summary>
    public static float Between(nint start, nint end) =>
        (float)Stopwatch.GetElapsedTime(Marks[start].Time, Marks[end].Time).TotalMilliseconds;

    /// <summary>Where a mark lies, and what is done once it is reached.</summary>
    private sealed record Mark(nint Stream, long Time, IReadOnlyDictionary<nint, long>? Before);
}
