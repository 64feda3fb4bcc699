using QSim.Certificates.Bounds;
using QSim.Kernels.Arithmetic;

namespace QSim.Certificates.Functions;

/// <summary>
/// A function of a register that wraps, as a function of the sum that goes in: turn by turn it is
/// the register's own, so that lines and searches see where it jumps.
/// </summary>
/// <param name="inner">The function of the register.</param>
/// <param name="whole">What the register can hold: 2^n values.</param>
internal sealed class WrappedFunction(ScalarFunction inner, Interval whole) : ScalarFunction
{
    private readonly int _bits = int.CreateChecked(
        Int128.Log2((Int128)whole.High - whole.Low + 1));

    /// <inheritdoc/>
    protected override ConversionSpec? Fit => null;

    /// <inheritdoc/>
    public override long Apply(long x, ref ConversionEvents events) =>
        inner.Apply(x - (Turn(x) << _bits), ref events);

    /// <inheritdoc/>
    public override bool KeepsOrder(Interval x) =>
        Turn(x.Low) == Turn(x.High) && inner.KeepsOrder(InRegister(x));

    /// <inheritdoc/>
    public override Interval Range(Interval x, ref bool isLoose)
    {
        if (Turns(x) is not { } pieces)
        {
            isLoose = true;
            return inner.Range(whole, ref isLoose);
        }

        Interval range = inner.Range(InRegister(pieces[0]), ref isLoose);
        foreach (Interval piece in pieces.AsSpan(1))
            range = range.Or(inner.Range(InRegister(piece), ref isLoose));
        return range;
    }

    /// <inheritdoc/>
    public override Interval[]? Pieces(Interval x) =>
        Turns(x) is { } turns && turns.All(t => inner.KeepsOrder(InRegister(t))) ? turns : null;

    /// <summary>The parts of an interval that wrap alike; null for too many.</summary>
    private Interval[]? Turns(Interval x)
    {
        long first = Turn(x.Low), last = Turn(x.High);
        if (last - first >= MostPieces) return null;
        var pieces = new Interval[last - first + 1];
        for (int i = 0; i < pieces.Length; i++)
        {
            long shift = (first + i) << _bits;
            pieces[i] = x.And(new(whole.Low + shift, whole.High + shift));
        }

        return pieces;
    }

    private long Turn(long x) => Rounding.Floor(x - whole.Low, _bits);

    private Interval InRegister(Interval x)
    {
        long shift = Turn(x.Low) << _bits;
        return new(x.Low - shift, x.High - shift);
    }
}
