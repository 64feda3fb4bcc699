using QSim.Certificates.Bounds;
using QSim.Certificates.Functions;

namespace QSim.Certificates.Linear;

/// <summary>
/// The lines that bound a function over an interval: of the upper envelope of its corners the edge
/// over the middle, likewise of the lower one. Of all lines these leave the least area; of a ReLU
/// they are the chord, and 0 or the argument itself, as DeepPoly (Singh et al., 2019) has it.
/// </summary>
internal static class Relaxation
{
    /// <summary>Lines of a function; flat ones where its order is not kept.</summary>
    public static LinePair Of(ScalarFunction? function, Interval x, Interval values) =>
        Of(function, x, values, out _);

    /// <summary>The same, and second lines: the longest of the other edges.</summary>
    public static LinePair Of(
        ScalarFunction? function, Interval x, Interval values, out LinePair other)
    {
        other = function is null ? LinePair.Identity : LinePair.Flat(values);
        if (function is null) return LinePair.Identity;
        if (values.IsPoint || x.IsPoint) return other;
        Span<long> room = stackalloc long[Corners.Room];
        var corners = new Corners(function, room);
        if (!corners.Find(x)) return other;
        double above = EdgeSlope(corners, 1, out double above2),
            below = EdgeSlope(corners, -1, out double below2);
        other = new(Below(corners, below2), Above(corners, above2));
        return new(Below(corners, below), Above(corners, above));
    }

    /// <summary>Lines of given slopes; null where the function has no corners to touch.</summary>
    public static LinePair? Touching(
        ScalarFunction function, Interval x, double lowSlope, double highSlope)
    {
        Span<long> room = stackalloc long[Corners.Room];
        var corners = new Corners(function, room);
        return corners.Find(x)
            ? new(Below(corners, lowSlope), Above(corners, highSlope))
            : null;
    }

    /// <summary>The line of a slope that touches the corners from above.</summary>
    private static Line Above(in Corners corners, double slope)
    {
        double offset = double.NegativeInfinity;
        for (int i = 0; i < corners.Count; i++)
            offset = Math.Max(
                offset, Outward.OffsetAbove(slope, corners.X(i), corners.High(i)));
        return new(slope, offset);
    }

    /// <summary>The line of a slope that touches the corners from below.</summary>
    private static Line Below(in Corners corners, double slope)
    {
        double offset = double.PositiveInfinity;
        for (int i = 0; i < corners.Count; i++)
            offset = Math.Min(
                offset, Outward.OffsetBelow(slope, corners.X(i), corners.Low(i)));
        return new(slope, offset);
    }

    /// <summary>
    /// The slope of the envelope's edge over the middle. It need not be exact: the offset is found
    /// for the slope as it is.
    /// </summary>
    /// <param name="corners">The corners, by argument.</param>
    /// <param name="side">1 for the upper envelope, -1 for the lower.</param>
    /// <param name="other">The slope of the longest other edge; its own for none.</param>
    private static double EdgeSlope(in Corners corners, int side, out double other)
    {
        Span<int> hull = stackalloc int[corners.Count];
        int size = 0;
        for (int i = 0; i < corners.Count; i++)
        {
            while (size > 0 && corners.X(hull[size - 1]) == corners.X(i)
                && Y(corners, hull[size - 1]) <= Y(corners, i))
                size--;
            if (size > 0 && corners.X(hull[size - 1]) == corners.X(i)) continue;
            while (size > 1
                && Slope(corners, hull[size - 2], hull[size - 1])
                    <= Slope(corners, hull[size - 1], i))
                size--;
            hull[size++] = i;
        }

        other = 0;
        if (size < 2) return 0;
        double middle = (corners.X(0) + (double)corners.X(corners.Count - 1)) / 2;
        int edge = 0;
        while (edge < size - 2 && corners.X(hull[edge + 1]) < middle) edge++;
        int longest = edge;
        for (int i = 0; i < size - 1; i++)
            if (i != edge && (longest == edge || corners.X(hull[i + 1]) - corners.X(hull[i])
                > corners.X(hull[longest + 1]) - corners.X(hull[longest])))
                longest = i;
        other = side * Slope(corners, hull[longest], hull[longest + 1]);
        return side * Slope(corners, hull[edge], hull[edge + 1]);

        double Y(in Corners c, int i) => side > 0 ? c.High(i) : -(double)c.Low(i);

        double Slope(in Corners c, int a, int b) =>
            (Y(c, b) - Y(c, a)) / ((double)c.X(b) - c.X(a));
    }
}
