using System.Numerics;

namespace QSim.Certificates;

/// <summary>
/// What a budget under L2 or L1 leaves of a box of raw values: a change of a raw value costs at
/// least so much of the budget, and all together cost no more than there is.
/// </summary>
/// <remarks>
/// <para>Let w(d) be the least change of a pixel that moves its raw value by d. Kept of it are two
/// lower bounds, each by the sign of d: <c>w(d) &gt;= Each * d</c> and
/// <c>w(d) &gt;= (d - Free) / PerPixel</c>. For any L &gt;= 0 the most of a linear form over the
/// ball is then at most <c>L * epsilon^p + sum over i of max over d of (c_i * d - L * w_i(d)^p)</c>
/// (weak duality), and each maximum has a closed form. So whatever L is tried, the bound holds, and
/// the least of them is taken.</para>
/// <para>Rounding: sums and products are of numbers that are not negative, one a value and a few
/// more, and the result is enlarged by more units in the last place than that; differences are off
/// by no more than their larger part's last place, which is of what the box alone allows.</para>
/// </remarks>
public sealed class InputBall
{
    private const int Tries = 14;

    private readonly int _power;
    private readonly double _budget;
    private readonly Side[] _up, _down;

    /// <param name="power">1 for L1, 2 for L2.</param>
    /// <param name="epsilon">The budget.</param>
    /// <param name="up">What each raw value costs to raise.</param>
    /// <param name="down">What it costs to lower.</param>
    /// <param name="centre">Raw values of the image itself.</param>
    internal InputBall(int power, double epsilon, Side[] up, Side[] down, long[] centre)
    {
        (_power, _up, _down, Centre) = (power, up, down, centre);
        double most = Widened(epsilon);
        _budget = power == 1 ? most : most * most;
    }

    /// <summary>
    /// A budget with room for rounding: distances are sums of doubles, which may come out short.
    /// </summary>
    public static double Widened(double epsilon) => epsilon * (1 + Math.ScaleB(1, -30));

    /// <summary>Raw values of the image itself.</summary>
    public IReadOnlyList<long> Centre { get; }

    /// <summary>
    /// The most that a linear form of the changes can come to.
    /// </summary>
    /// <param name="coefficients">One for each value.</param>
    public double Most(ReadOnlySpan<double> coefficients)
    {
        Span<Term> terms = coefficients.Length <= 1024
            ? stackalloc Term[coefficients.Length]
            : new Term[coefficients.Length];
        int count = 0;
        double box = 0, scale = 0;
        for (int i = 0; i < coefficients.Length; i++)
        {
            Side side = coefficients[i] > 0 ? _up[i] : _down[i];
            double c = Math.Abs(coefficients[i]);
            if (c == 0 || side.Most == 0) continue;
            box += c * side.Most;
            double steep = c / Math.Max(side.Each, 1e-12);
            scale = _power == 1 ? Math.Max(scale, steep) : scale + (steep * steep);
            terms[count++] = new(c, side);
        }

        if (count == 0) return 0;
        double multiplier = _power == 1 ? scale : Math.Sqrt(scale / _budget) / 2;
        double best = box;
        for (int t = 0; t < Tries; t++, multiplier /= 1.35)
        {
            double sum = multiplier * _budget;
            foreach (Term term in terms[..count])
                sum += _power == 1 ? Linear(term, multiplier) : Square(term, multiplier);
            best = Math.Min(best, sum);
        }

        return (best * (1 + Math.ScaleB(128 + (2 * count), -52))) + (box * Math.ScaleB(1, -48));
    }

    private static double Linear(Term term, double multiplier)
    {
        (double c, Side side) = term;
        double each = Math.Max(0, c - (multiplier * side.Each)) * side.Most;
        double rest = Math.Max(0, c - (multiplier / side.PerPixel))
            * Math.Max(0, side.Most - side.Free);
        return Math.Min(each, (c * side.Free) + rest);
    }

    private static double Square(Term term, double multiplier)
    {
        (double c, Side side) = term;
        double square = c * c / (4 * multiplier);
        double each = side.Each > 0
            ? square / (side.Each * side.Each)
            : double.PositiveInfinity;
        double rest = (c * side.Free) + (square * side.PerPixel * side.PerPixel);
        return Math.Min(c * side.Most, Math.Min(each, rest));
    }

    private readonly record struct Term(double Coefficient, Side Side);

    /// <summary>What it costs to move one raw value one way.</summary>
    /// <param name="Most">So far at most.</param>
    /// <param name="Each">The least change of the pixel for each step, rounded down.</param>
    /// <param name="Free">Steps that cost nothing, where each other is dear.</param>
    /// <param name="PerPixel">Steps of the raw value for a change of the pixel by 1.</param>
    internal readonly record struct Side(double Most, double Each, double Free, double PerPixel)
    {
        private const int MostBlocks = 64;

        /// <summary>From the least change that each distance takes.</summary>
        /// <param name="most">The furthest raw value away.</param>
        /// <param name="least">The least change of the pixel for at least so many steps.</param>
        public static Side Of(long most, Func<long, double> least)
        {
            if (most == 0) return default;
            int blocks = (int)Math.Min(most, MostBlocks);
            double perPixel = (most - 0.5) / Math.Max(least(most), 1e-9);
            double each = double.PositiveInfinity, free = 0;
            for (int b = 0; b < blocks; b++)
            {
                long first = (long)((BigInteger)most * b / blocks) + 1,
                    last = (long)((BigInteger)most * (b + 1) / blocks);
                double change = Math.BitDecrement(least(first));
                each = Math.Min(each, Math.BitDecrement(change / last));
                free = Math.Max(
                    free, Math.BitIncrement(last - Math.BitDecrement(perPixel * change)));
            }

            return new(most, Math.Max(0, each), Math.Min(free, most), perPixel);
        }
    }
}
