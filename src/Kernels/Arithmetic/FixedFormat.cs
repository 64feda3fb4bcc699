namespace QSim.Kernels.Arithmetic;

/// <summary>
/// A fixed-point format: <c>real = raw * 2^-FractionBits</c>, raw an integer of
/// <see cref="TotalBits"/> bits. <c>ap_fixed&lt;W,I&gt;</c> is <c>(W, W - I, signed)</c>: the sign
/// bit counts among the integer bits, and I may be negative or larger than W.
/// </summary>
/// <param name="TotalBits">Width in bits, 1..64 when signed and 1..63 when not.</param>
/// <param name="FractionBits">Bits to the right of the binary point; may be negative.</param>
/// <param name="IsSigned">Two's complement when true, never negative when false.</param>
public readonly record struct FixedFormat(int TotalBits, int FractionBits, bool IsSigned)
{
    /// <summary>
    /// The widest signed format; an unsigned one has a bit less, so that raw fits a long.
    /// </summary>
    public const int MaxTotalBits = 64;

    /// <summary>Bits to the left of the binary point, the sign among them: W - F.</summary>
    public int IntegerBits => TotalBits - FractionBits;

    /// <summary>The smallest raw value.</summary>
    public long MinRaw => IsSigned ? -1L << (TotalBits - 1) : 0;

    /// <summary>The largest raw value.</summary>
    public long MaxRaw => (1L << (IsSigned ? TotalBits - 1 : TotalBits)) - 1;

    /// <summary>The real value of the lowest bit, 2^-FractionBits.</summary>
    public double Step => Math.ScaleB(1, -FractionBits);

    /// <summary>The format in AMD's notation, as in <c>ap_ufixed&lt;8,0&gt;</c>.</summary>
    public override string ToString() =>
        $"{(IsSigned ? "ap_fixed" : "ap_ufixed")}<{TotalBits},{IntegerBits}>";
}
