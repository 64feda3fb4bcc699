namespace QSim.Certificates.Bounds;

/// <summary>
/// Integers from <paramref name="Low"/> to <paramref name="High"/>, both included.
/// </summary>
/// <param name="Low">The smallest.</param>
/// <param name="High">The largest.</param>
public readonly record struct Interval(long Low, long High)
{
    /// <summary>Of two values, in any order.</summary>
    public static Interval Between(long a, long b) => a <= b ? new(a, b) : new(b, a);

    /// <summary>Whether it holds one value only.</summary>
    public bool IsPoint => Low == High;

    /// <summary>The smallest interval that holds both.</summary>
    public Interval Or(Interval other) =>
        new(Math.Min(Low, other.Low), Math.Max(High, other.High));

    /// <summary>The values of both; empty intervals are the caller's business.</summary>
    public Interval And(Interval other) =>
        new(Math.Max(Low, other.Low), Math.Min(High, other.High));

    /// <summary>Whether a value is in it.</summary>
    public bool Contains(long value) => value >= Low && value <= High;
}
