namespace QSim.CudaDriver.Driver;

/// <summary>A launch, a copy or a fill, and what came before it on all streams.</summary>
/// <param name="Stream">Where it was queued.</param>
/// <param name="Number">Its number on that stream, from 1.</param>
/// <param name="Before">By stream, how much of it is done when this begins, or is this.</param>
/// <param name="Name">For messages.</param>
internal sealed record Work(
    nint Stream, long Number, IReadOnlyDictionary<nint, long> Before, string Name)
{
    /// <summary>Whether this is done, or no later, when another begins.</summary>
    public bool IsBefore(Work other) => other.Before.GetValueOrDefault(Stream) >= Number;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} of stream {Stream}";
}

/// <summary>
/// Which work comes before which, whatever a card makes of the rest: vector clocks of streams and
/// of the host, which is one, for who of its threads waits for whom nobody says here.
/// </summary>
internal sealed class Order
{
    private readonly Dictionary<nint, Dictionary<nint, long>> _streams = [];
    private readonly Dictionary<nint, long> _host = [];

    /// <summary>
    /// The next work of a stream: it begins after all that the host has waited for.
    /// </summary>
    /// <param name="stream">Where.</param>
    /// <param name="name">For messages.</param>
    /// <param name="others">Streams whose work so far comes before it too.</param>
    public Work Next(nint stream, string name, IEnumerable<nint> others)
    {
        Dictionary<nint, long> mine = Clock(stream);
        Join(mine, _host);
        foreach (nint other in others) Join(mine, Clock(other));
        long number = mine[stream] = mine.GetValueOrDefault(stream) + 1;
        return new(stream, number, new Dictionary<nint, long>(mine), name);
    }

    /// <summary>How far a stream is once all that is queued there is done.</summary>
    public IReadOnlyDictionary<nint, long> Mark(nint stream) =>
        new Dictionary<nint, long>(Clock(stream));

    /// <summary>The host has waited until so much was done.</summary>
    public void Wait(IReadOnlyDictionary<nint, long> mark) => Join(_host, mark);

    private Dictionary<nint, long> Clock(nint stream) =>
        _streams.TryGetValue(stream, out Dictionary<nint, long>? clock)
            ? clock
            : _streams[stream] = [];

    private static void Join(Dictionary<nint, long> to, IReadOnlyDictionary<nint, long> from)
    {
        foreach ((nint stream, long number) in from)
            to[stream] = Math.Max(to.GetValueOrDefault(stream), number);
    }
}
