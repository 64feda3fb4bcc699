using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>
/// How a 16-bit accumulator takes one product; each implementation is one loop's specialization.
/// </summary>
internal interface IShortTerm
{
    /// <summary>
    /// The product of an input and a weight, rounded; both were shifted so that one instruction
    /// does it.
    /// </summary>
    static abstract TVector Of<TOps, TVector>(TVector x, TVector w)
        where TOps : struct, IShortVector<TVector>;
}

/// <summary>Products that fit 16 bits as they are.</summary>
internal readonly struct WholeProduct : IShortTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TOps, TVector>(TVector x, TVector w)
        where TOps : struct, IShortVector<TVector> => TOps.MultiplyLow(x, w);
}

/// <summary>TRN: the operands' shifts add up to 16 less the bits to drop.</summary>
internal readonly struct FlooredProduct : IShortTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TOps, TVector>(TVector x, TVector w)
        where TOps : struct, IShortVector<TVector> => TOps.MultiplyHigh(x, w);
}

/// <summary>
/// RND: the operands' shifts add up to 15 less the bits to drop. RND_MIN_INF is its negative of -w.
/// </summary>
internal readonly struct RoundedProduct : IShortTerm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TOps, TVector>(TVector x, TVector w)
        where TOps : struct, IShortVector<TVector> => TOps.MultiplyRounded(x, w);
}

/// <summary>How a term enters the accumulator.</summary>
internal interface IShortUpdate
{
    /// <summary>
    /// True when the accumulator is a plain sum, which may be gathered in wider ones now and then.
    /// </summary>
    static abstract bool IsSum { get; }

    static abstract TVector Apply<TOps, TVector>(
        TVector accumulator, TVector term, TVector lowest, TVector highest)
        where TOps : struct, IShortVector<TVector>;
}

/// <summary>A sum that stays in 16 bits for as long as it runs.</summary>
internal readonly struct PlainSum : IShortUpdate
{
    public static bool IsSum => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TOps, TVector>(
        TVector accumulator, TVector term, TVector lowest, TVector highest)
        where TOps : struct, IShortVector<TVector> => TOps.Add(accumulator, term);
}

/// <summary>The negative of a sum's terms.</summary>
internal readonly struct NegatedSum : IShortUpdate
{
    public static bool IsSum => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TOps, TVector>(
        TVector accumulator, TVector term, TVector lowest, TVector highest)
        where TOps : struct, IShortVector<TVector> => TOps.Subtract(accumulator, term);
}

/// <summary>SAT into exactly 16 signed bits.</summary>
internal readonly struct SaturatedSum16 : IShortUpdate
{
    public static bool IsSum => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TOps, TVector>(
        TVector accumulator, TVector term, TVector lowest, TVector highest)
        where TOps : struct, IShortVector<TVector> => TOps.AddSaturating(accumulator, term);
}

/// <summary>
/// SAT and SAT_SYM into any range within 16 signed bits: clamping twice is clamping to the inner
/// range.
/// </summary>
internal readonly struct SaturatedSum : IShortUpdate
{
    public static bool IsSum => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TOps, TVector>(
        TVector accumulator, TVector term, TVector lowest, TVector highest)
        where TOps : struct, IShortVector<TVector> =>
        TOps.Clamp(TOps.AddSaturating(accumulator, term), lowest, highest);
}
