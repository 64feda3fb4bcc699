using System.Diagnostics;

namespace QSim.CudaDriver.Driver;

/// <summary>Marks in streams, with the time when their turn came.</summary>
internal static class Events
{
    private static readonly Dictionary<nint, (nint Stream, long Time)> Marks = [];

    /// <summary>A mark that lies nowhere yet.</summary>
    public static nint Create(Card card)
    {
        nint handle = card.NewHandle();
        Marks[handle] = default;
        return handle;
    }

    /// <summary>Forgets a mark.</summary>
    public static void Destroy(nint handle) => Marks.Remove(handle);

    /// <summary>Puts a mark behind what a stream has to do.</summary>
    public static void Record(Card card, nint handle, nint stream)
    {
        Marks[handle] = (stream, 0);
        card.Add(stream, () =>
        {
            if (Marks.ContainsKey(handle)) Marks[handle] = (stream, Stopwatch.GetTimestamp());
        });
    }

    /// <summary>Waits for a mark.</summary>
    public static void Wait(Card card, nint handle) => card.Finish(Marks[handle].Stream);

    /// <summary>Milliseconds between two marks.</summary>
    public static float Between(nint start, nint end) =>
        (float)Stopwatch.GetElapsedTime(Marks[start].Time, Marks[end].Time).TotalMilliseconds;
}
