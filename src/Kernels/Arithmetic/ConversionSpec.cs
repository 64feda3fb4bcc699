namespace QSim.Kernels.Arithmetic;

/// <summary>
/// One conversion between two formats with everything decided: how many low bits go, where the
/// target's range ends, and what happens at both ends. Blittable, so kernels take it by value.
/// </summary>
/// <param name="Shift">
/// Source fraction bits less target fraction bits: positive drops bits, negative gains them.
/// </param>
/// <param name="Bits">The target's width W.</param>
/// <param name="Min">The target's smallest raw value; negative exactly when it is signed.</param>
/// <param name="Max">The target's largest raw value.</param>
/// <param name="Rounding">What happens to dropped bits.</param>
/// <param name="Overflow">What happens to values outside the range, after rounding.</param>
/// <param name="SaturationBits">n of <c>WRAP</c> and <c>WRAP_SM</c>; 0 for the others.</param>
/// <param name="Dialect">Whose reading of the corner cases.</param>
public readonly record struct ConversionSpec(
    int Shift,
    int Bits,
    long Min,
    long Max,
    RoundingMode Rounding,
    OverflowMode Overflow,
    int SaturationBits = 0,
    OverflowDialect Dialect = OverflowDialect.Ap)
{
    /// <summary>The conversion from one fixed-point format to another.</summary>
    public static ConversionSpec Between(
        FixedFormat source, FixedFormat target, RoundingMode rounding, OverflowMode overflow,
        int saturationBits = 0, OverflowDialect dialect = OverflowDialect.Ap) =>
        Into(
            target, source.FractionBits - target.FractionBits, rounding, overflow, saturationBits,
            dialect);

    /// <summary>
    /// The conversion into a format from raw values with <paramref name="shift"/> more fraction
    /// bits.
    /// </summary>
    public static ConversionSpec Into(
        FixedFormat target, int shift, RoundingMode rounding, OverflowMode overflow,
        int saturationBits = 0, OverflowDialect dialect = OverflowDialect.Ap) =>
        new(
            shift, target.TotalBits, target.MinRaw, target.MaxRaw, rounding, overflow,
            saturationBits, dialect);

    /// <summary>True when the target holds negative values.</summary>
    public bool IsSigned => Min < 0;

    /// <summary>True when bits are dropped at random.</summary>
    public bool DrawsRandomBits => Rounding == RoundingMode.Stochastic && Shift > 0;
}
