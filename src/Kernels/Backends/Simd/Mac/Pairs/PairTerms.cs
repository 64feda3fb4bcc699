using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Pairs;

/// <summary>
/// What a pair of an input and a weight adds to a sum; each implementation is one loop's
/// specialization.
/// </summary>
internal interface IPairTerm
{
    /// <summary>True for 32-bit sums of both products, false for a 16-bit sum per lane.</summary>
    static abstract bool IsWide { get; }

    /// <summary>
    /// What 16-bit sums are multiplied with, pair by pair, when they join a 32-bit one.
    /// </summary>
    static abstract int Signs { get; }

    static abstract TVector Add<TOps, TVector>(TVector sums, TVector x, TVector w)
        where TOps : struct, IPairVector<TVector>;
}

/// <summary>Exact products.</summary>
internal readonly struct ExactPairs : IPairTerm
{
    public static bool IsWide => true;

    public static int Signs => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TOps, TVector>(TVector sums, TVector x, TVector w)
        where TOps : struct, IPairVector<TVector> => TOps.MultiplyAdd(sums, x, w);
}

/// <summary>Products that fit 16 bits as they are.</summary>
internal readonly struct WholePairs : IPairTerm
{
    public static bool IsWide => false;

    public static int Signs => 0x0001_0001;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TOps, TVector>(TVector sums, TVector x, TVector w)
        where TOps : struct, IPairVector<TVector> => TOps.AddShorts(sums, TOps.MultiplyLow(x, w));
}

/// <summary>TRN: the operands' shifts add up to 16 less the bits to drop.</summary>
internal readonly struct FlooredPairs : IPairTerm
{
    public static bool IsWide => false;

    public static int Signs => 0x0001_0001;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TOps, TVector>(TVector sums, TVector x, TVector w)
        where TOps : struct, IPairVector<TVector> => TOps.AddShorts(sums, TOps.MultiplyHigh(x, w));
}

/// <summary>RND: the operands' shifts add up to 15 less the bits to drop.</summary>
internal readonly struct RoundedPairs : IPairTerm
{
    public static bool IsWide => false;

    public static int Signs => 0x0001_0001;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TOps, TVector>(TVector sums, TVector x, TVector w)
        where TOps : struct, IPairVector<TVector> =>
        TOps.AddShorts(sums, TOps.MultiplyRounded(x, w));
}

/// <summary>RND_MIN_INF: the negative of what RND makes of negated weights.</summary>
internal readonly struct NegatedPairs : IPairTerm
{
    public static bool IsWide => false;

    public static int Signs => -1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TOps, TVector>(TVector sums, TVector x, TVector w)
        where TOps : struct, IPairVector<TVector> => RoundedPairs.Add<TOps, TVector>(sums, x, w);
}
