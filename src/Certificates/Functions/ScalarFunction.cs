using QSim.Certificates.Bounds;
using QSim.Kernels.Arithmetic;

namespace QSim.Certificates.Functions;

/// <summary>
/// What a stage makes of one integer: monotone steps (scaling, rounding, clamping), then a fit into
/// a format, which keeps the order as long as it saturates or nothing overflows.
/// </summary>
/// <remarks>
/// Values are those of the very methods that backends call, at the ends of an interval; nothing of
/// the arithmetic is written a second time.
/// </remarks>
internal abstract class ScalarFunction
{
    /// <summary>So many values are looked at one by one where the order is not kept.</summary>
    private const long MostEnumerated = 256;

    /// <summary>No more stretches than these are told apart.</summary>
    protected const int MostPieces = 4;

    /// <summary>The last step's format; null where nothing is fitted.</summary>
    protected abstract ConversionSpec? Fit { get; }

    /// <summary>The value, and what happened on the way.</summary>
    public abstract long Apply(long x, ref ConversionEvents events);

    /// <summary>The value.</summary>
    public long Apply(long x)
    {
        var events = ConversionEvents.None;
        return Apply(x, ref events);
    }

    /// <summary>Whether it only rises, or only falls, over an interval.</summary>
    public virtual bool KeepsOrder(Interval x)
    {
        if (Fit is not { } fit || Saturates(fit)) return true;
        var events = ConversionEvents.None;
        Apply(x.Low, ref events);
        Apply(x.High, ref events);
        return (events & ConversionEvents.Overflowed) == 0;
    }

    /// <summary>
    /// The stretches of an interval over each of which it keeps order, few of them; null where
    /// there are none, or too many.
    /// </summary>
    public virtual Interval[]? Pieces(Interval x) => KeepsOrder(x) ? [x] : null;

    /// <summary>Whether the range over any interval is found at once, order kept or not.</summary>
    public virtual bool HasRanges => false;

    /// <summary>An interval that holds every value over an interval.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="isLoose">Set where the whole format had to be taken.</param>
    public virtual Interval Range(Interval x, ref bool isLoose)
    {
        if (KeepsOrder(x)) return Interval.Between(Apply(x.Low), Apply(x.High));
        if (x.High - x.Low is >= 0 and < MostEnumerated) return Enumerate(x);
        isLoose = true;
        return new(Fit!.Value.Min, Fit.Value.Max);
    }

    /// <summary>Whether values outside of a format become its nearest.</summary>
    public static bool Saturates(in ConversionSpec spec) =>
        spec.Overflow is OverflowMode.Saturate or OverflowMode.SaturateSymmetric;

    /// <summary>The smallest interval of the values, one after the other.</summary>
    protected Interval Enumerate(Interval x)
    {
        long first = Apply(x.Low);
        Interval range = new(first, first);
        for (long i = x.Low; i < x.High; i++)
        {
            long value = Apply(i + 1);
            range = range.Or(new(value, value));
        }

        return range;
    }
}
