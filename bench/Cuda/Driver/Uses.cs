namespace QSim.CudaDriver.Driver;

/// <summary>
/// Which work wrote and read each byte of a piece of memory last. Two that use a byte, one of them
/// writing, need an order between them.
/// </summary>
internal sealed class Uses
{
    /// <summary>Ascending, without overlap, from byte to byte what has been used.</summary>
    private readonly List<Piece> _pieces = [];

    /// <summary>Notes that work uses bytes.</summary>
    /// <param name="work">Whose.</param>
    /// <param name="first">The first byte, counted from anywhere.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="isWrite">Whether it writes them.</param>
    /// <exception cref="CudaException">Other work may use them at the same time.</exception>
    public void Add(Work work, long first, long end, bool isWrite)
    {
        int at = Split(first), past = Split(end);
        List<Piece> now = [];
        long from = first;
        foreach (Piece old in _pieces[at..past])
        {
            if (old.First > from) Put(now, from, old.First, Piece.Nobody);
            Check(work, old, isWrite);
            Put(now, old.First, old.End, old);
            from = old.End;
        }

        if (from < end) Put(now, from, end, Piece.Nobody);
        _pieces.RemoveRange(at, past - at);
        _pieces.InsertRange(at, now);

        void Put(List<Piece> to, long start, long stop, Piece old)
        {
            Piece piece = isWrite
                ? new(start, stop, work, [])
                : new(
                    start, stop, old.Writer,
                    [.. old.Readers.Where(r => !r.IsBefore(work)), work]);
            if (to.Count > 0 && to[^1].Joins(piece)) to[^1] = to[^1] with { End = stop };
            else to.Add(piece);
        }
    }

    private static void Check(Work work, Piece old, bool isWrite)
    {
        Check(old.Writer, "wrote");
        if (!isWrite) return;
        foreach (Work reader in old.Readers) Check(reader, "read");

        void Check(Work? other, string did)
        {
            if (other is null || other.IsBefore(work) || work.IsBefore(other)) return;
            throw new CudaException(
                CudaResult.IllegalAddress,
                $"{work} {(isWrite ? "writes" : "reads")} what {other} {did}, bytes {old.First} to "
                    + $"{old.End - 1} of their memory, and neither waits for the other");
        }
    }

    /// <summary>Makes a piece begin at a byte that lies in one; the index behind it.</summary>
    private int Split(long at)
    {
        int low = 0, high = _pieces.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_pieces[middle].End <= at) low = middle + 1;
            else high = middle;
        }

        if (low == _pieces.Count || _pieces[low].First >= at) return low;
        Piece whole = _pieces[low];
        _pieces[low] = whole with { End = at };
        _pieces.Insert(low + 1, whole with { First = at });
        return low + 1;
    }

    /// <summary>Bytes that the same work used.</summary>
    private sealed record Piece(long First, long End, Work? Writer, Work[] Readers)
    {
        public static Piece Nobody { get; } = new(0, 0, null, []);

        public bool Joins(Piece next) => End == next.First && Writer == next.Writer
            && Readers.AsSpan().SequenceEqual(next.Readers);
    }
}
