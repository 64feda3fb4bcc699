using QSim.Certificates.Bounds;
using QSim.Certificates.Functions;

namespace QSim.Certificates.Linear;

/// <summary>
/// The corners of a staircase over an interval: for every stretch of arguments with one value, its
/// first and its last. Where there are too many, stretches of several values, each with the
/// extremes that its values may have.
/// </summary>
/// <remarks>
/// A line that is above all corners is above the function: between two corners of a stretch the
/// function is constant, or bounded by what both corners have.
/// </remarks>
internal ref struct Corners
{
    /// <summary>So many stretches are told apart.</summary>
    private const int Most = 64;

    private readonly ScalarFunction _function;
    private readonly Span<long> _x;
    private readonly Span<long> _low;
    private readonly Span<long> _high;

    /// <param name="function">The function.</param>
    /// <param name="room">Where corners are kept; <see cref="Room"/> of them.</param>
    public Corners(ScalarFunction function, Span<long> room)
    {
        _function = function;
        int third = room.Length / 3;
        _x = room[..third];
        _low = room[third..(2 * third)];
        _high = room[(2 * third)..];
    }

    /// <summary>Numbers that corners take up.</summary>
    public static int Room => 3 * 2 * (Most + 2);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The argument of a corner.</summary>
    public readonly long X(int corner) => _x[corner];

    /// <summary>The least value that a line below has to stay under.</summary>
    public readonly long Low(int corner) => _low[corner];

    /// <summary>The largest value that a line above has to stay over.</summary>
    public readonly long High(int corner) => _high[corner];

    /// <summary>Finds them; false where the function has no stretches and is too long.</summary>
    public bool Find(Interval x)
    {
        Count = 0;
        if (_function.Pieces(x) is not { } pieces)
        {
            if (x.High - x.Low is >= 0 and < Most) return FindEach(x);
            if (_function.HasRanges) FindBlocks(x, Most);
            return _function.HasRanges;
        }

        int most = Most / pieces.Length;
        foreach (Interval piece in pieces)
        {
            long first = _function.Apply(piece.Low), last = _function.Apply(piece.High);
            Int128 steps = Int128.Abs((Int128)last - first);
            if (steps < most) FindSteps(piece, first, last);
            else FindBlocks(piece, most);
        }

        return true;
    }

    private bool FindEach(Interval x)
    {
        for (long i = x.Low; i <= x.High; i++) Add(i, _function.Apply(i), _function.Apply(i));
        return true;
    }

    /// <summary>Every step, each found by bisection.</summary>
    private void FindSteps(Interval x, long first, long last)
    {
        long at = x.Low, value = first;
        while (true)
        {
            Add(at, value, value);
            if (value == last)
            {
                Add(x.High, value, value);
                return;
            }

            long next = Steps.Next(_function, at, x.High, value);
            Add(next - 1, value, value);
            (at, value) = (next, _function.Apply(next));
        }
    }

    /// <summary>
    /// Blocks of equal length; where order is kept their ends bound them, else their ranges do.
    /// </summary>
    private void FindBlocks(Interval x, int most)
    {
        long length = x.High - x.Low;
        for (int block = 0; block < most; block++)
        {
            long from = x.Low + (long)((Int128)length * block / most);
            long to = block == most - 1
                ? x.High
                : x.Low + (long)((Int128)length * (block + 1) / most) - 1;
            if (to < from) continue;
            bool isLoose = false;
            Interval values = _function.HasRanges
                ? _function.Range(new(from, to), ref isLoose)
                : Interval.Between(_function.Apply(from), _function.Apply(to));
            Add(from, values.Low, values.High);
            Add(to, values.Low, values.High);
        }
    }

    private void Add(long x, long low, long high)
    {
        if (Count > 0 && _x[Count - 1] == x && _low[Count - 1] == low && _high[Count - 1] == high)
            return;
        (_x[Count], _low[Count], _high[Count]) = (x, low, high);
        Count++;
    }
}
