using QSim.Certificates.Bounds;

namespace QSim.Certificates.Linear;

/// <summary><c>Slope * x + Offset</c>.</summary>
/// <param name="Slope">Any number; what a line bounds, it bounds with this very double.</param>
/// <param name="Offset">Rounded to the safe side.</param>
internal readonly record struct Line(double Slope, double Offset);

/// <summary>Two lines with a function between them, over an interval.</summary>
/// <param name="Low">Nowhere above the function.</param>
/// <param name="High">Nowhere below.</param>
internal readonly record struct LinePair(Line Low, Line High)
{
    /// <summary>Lines that do not look at the argument.</summary>
    public static LinePair Flat(Interval values) => new(
        new(0, Outward.Down(values.Low)), new(0, Outward.Up(values.High)));

    /// <summary>The function that gives back its argument.</summary>
    public static LinePair Identity { get; } = new(new(1, 0), new(1, 0));

    /// <summary>How far apart the lines are in the middle of an interval.</summary>
    public double GapAt(double x) =>
        ((High.Slope - Low.Slope) * x) + High.Offset - Low.Offset;
}

/// <summary>Doubles on the safe side of what they stand for.</summary>
internal static class Outward
{
    /// <summary>At most an integer.</summary>
    public static double Down(long value)
    {
        double near = value;
        return Math.Abs(value) <= 1L << 53 ? near : Math.BitDecrement(near);
    }

    /// <summary>At least an integer.</summary>
    public static double Up(long value)
    {
        double near = value;
        return Math.Abs(value) <= 1L << 53 ? near : Math.BitIncrement(near);
    }

    /// <summary>
    /// At least <c>y - slope * x</c>. The three roundings of x, product and difference come to no
    /// more than 4 * 2^-53 of both terms.
    /// </summary>
    public static double OffsetAbove(double slope, long x, long y)
    {
        double product = slope * x;
        return y - product + ((Math.Abs((double)y) + Math.Abs(product)) * Math.ScaleB(1, -49));
    }

    /// <summary>At most <c>y - slope * x</c>.</summary>
    public static double OffsetBelow(double slope, long x, long y)
    {
        double product = slope * x;
        return y - product - ((Math.Abs((double)y) + Math.Abs(product)) * Math.ScaleB(1, -49));
    }
}
