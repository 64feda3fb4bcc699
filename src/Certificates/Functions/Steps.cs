using QSim.Certificates.Bounds;

namespace QSim.Certificates.Functions;

/// <summary>
/// The stretches of arguments over which a function that keeps order has one value.
/// </summary>
internal static class Steps
{
    /// <summary>
    /// All of them over an interval, in order; null where there are more than
    /// <paramref name="most"/>, or the function does not rise.
    /// </summary>
    public static IReadOnlyList<Interval>? Of(ScalarFunction function, Interval x, int most)
    {
        if (!function.KeepsOrder(x)) return null;
        long value = function.Apply(x.Low), last = function.Apply(x.High);
        if ((Int128)last - value > most || last < value) return null;
        List<Interval> steps = [];
        long at = x.Low;
        while (value != last)
        {
            long next = Next(function, at, x.High, value);
            steps.Add(new(at, next - 1));
            (at, value) = (next, function.Apply(next));
        }

        steps.Add(new(at, x.High));
        return steps;
    }

    /// <summary>The first argument with another value, by bisection.</summary>
    /// <param name="function">The function.</param>
    /// <param name="same">An argument that has the value.</param>
    /// <param name="other">A later one that has not.</param>
    /// <param name="value">The value.</param>
    public static long Next(ScalarFunction function, long same, long other, long value)
    {
        while (other - same > 1)
        {
            long middle = same + ((other - same) / 2);
            if (function.Apply(middle) == value) same = middle;
            else other = middle;
        }

        return other;
    }
}
