using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using QSim.Kernels.Backends.Simd.Mac.Shorts;

namespace QSim.Kernels.Backends.Simd.Mac.Pairs;

/// <summary>A vector of 32-bit sums, each of which takes pairs of 16-bit products.</summary>
/// <remarks>Needs a whole vector where it loads or stores: callers own the memory.</remarks>
internal unsafe interface IPairVector<TVector>
{
    /// <summary>Sums per vector.</summary>
    static abstract int Lanes { get; }

    static abstract TVector Load(int* sums);

    static abstract void Store(TVector sums, int* to);

    /// <summary>One value for every lane.</summary>
    static abstract TVector Spread(int value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Min(TVector a, TVector b);

    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector And(TVector a, TVector b);

    static abstract TVector Or(TVector a, TVector b);

    static abstract TVector Xor(TVector a, TVector b);

    /// <summary>32-bit lanes without a sign: the larger ones.</summary>
    static abstract TVector MaxUnsigned(TVector a, TVector b);

    /// <summary>32-bit lanes without a sign: whether every one of a is smaller.</summary>
    static abstract bool AllBelowUnsigned(TVector a, TVector b);

    /// <summary>One pair of inputs for every lane.</summary>
    static abstract TVector Broadcast(short* pair);

    /// <summary>
    /// Effectively computes <c>sums[i] += x[2i] * w[2i] + x[2i+1] * w[2i+1]</c> modulo 2^32.
    /// </summary>
    static abstract TVector MultiplyAdd(TVector sums, TVector x, TVector w);

    /// <summary>16-bit lanes: the sums of both.</summary>
    static abstract TVector AddShorts(TVector a, TVector b);

    /// <summary>16-bit lanes: the low halves of products.</summary>
    static abstract TVector MultiplyLow(TVector x, TVector w);

    /// <summary>16-bit lanes: the high halves of products.</summary>
    static abstract TVector MultiplyHigh(TVector x, TVector w);

    /// <summary>16-bit lanes: <c>(x * w + 2^14) &gt;&gt; 15</c>.</summary>
    static abstract TVector MultiplyRounded(TVector x, TVector w);
}

/// <summary>AVX-512: vpmaddwd on 512 bits.</summary>
internal readonly unsafe struct Pairs512 : IPairVector<Vector512<int>>
{
    public static int Lanes => Vector512<int>.Count;

    public static Vector512<int> Load(int* sums) => Vector512.Load(sums);

    public static void Store(Vector512<int> sums, int* to) => sums.Store(to);

    public static Vector512<int> Spread(int value) => Vector512.Create(value);

    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => a - b;

    public static Vector512<int> Min(Vector512<int> a, Vector512<int> b) => Vector512.Min(a, b);

    public static Vector512<int> Max(Vector512<int> a, Vector512<int> b) => Vector512.Max(a, b);

    public static Vector512<int> And(Vector512<int> a, Vector512<int> b) => a & b;

    public static Vector512<int> Or(Vector512<int> a, Vector512<int> b) => a | b;

    public static Vector512<int> Xor(Vector512<int> a, Vector512<int> b) => a ^ b;

    public static Vector512<int> MaxUnsigned(Vector512<int> a, Vector512<int> b) =>
        Vector512.Max(a.AsUInt32(), b.AsUInt32()).AsInt32();

    public static bool AllBelowUnsigned(Vector512<int> a, Vector512<int> b) =>
        Vector512.LessThanAll(a.AsUInt32(), b.AsUInt32());

    public static Vector512<int> Broadcast(short* pair) =>
        Vector512.Create(Unsafe.ReadUnaligned<int>(pair));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(
        Vector512<int> sums, Vector512<int> x,
        Vector512<int> w) => sums + Avx512BW.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());

    public static Vector512<int> AddShorts(Vector512<int> a, Vector512<int> b) =>
        (a.AsInt16() + b.AsInt16()).AsInt32();

    public static Vector512<int> MultiplyLow(Vector512<int> x, Vector512<int> w) =>
        (x.AsInt16() * w.AsInt16()).AsInt32();

    public static Vector512<int> MultiplyHigh(Vector512<int> x, Vector512<int> w) =>
        Shorts512.MultiplyHigh(x.AsInt16(), w.AsInt16()).AsInt32();

    public static Vector512<int> MultiplyRounded(Vector512<int> x, Vector512<int> w) =>
        Shorts512.MultiplyRounded(x.AsInt16(), w.AsInt16()).AsInt32();
}

/// <summary>AVX2: vpmaddwd on 256 bits.</summary>
internal readonly unsafe struct Pairs256 : IPairVector<Vector256<int>>
{
    public static int Lanes => Vector256<int>.Count;

    public static Vector256<int> Load(int* sums) => Vector256.Load(sums);

    public static void Store(Vector256<int> sums, int* to) => sums.Store(to);

    public static Vector256<int> Spread(int value) => Vector256.Create(value);

    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => a - b;

    public static Vector256<int> Min(Vector256<int> a, Vector256<int> b) => Vector256.Min(a, b);

    public static Vector256<int> Max(Vector256<int> a, Vector256<int> b) => Vector256.Max(a, b);

    public static Vector256<int> And(Vector256<int> a, Vector256<int> b) => a & b;

    public static Vector256<int> Or(Vector256<int> a, Vector256<int> b) => a | b;

    public static Vector256<int> Xor(Vector256<int> a, Vector256<int> b) => a ^ b;

    public static Vector256<int> MaxUnsigned(Vector256<int> a, Vector256<int> b) =>
        Vector256.Max(a.AsUInt32(), b.AsUInt32()).AsInt32();

    public static bool AllBelowUnsigned(Vector256<int> a, Vector256<int> b) =>
        Vector256.LessThanAll(a.AsUInt32(), b.AsUInt32());

    public static Vector256<int> Broadcast(short* pair) =>
        Vector256.Create(Unsafe.ReadUnaligned<int>(pair));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(
        Vector256<int> sums, Vector256<int> x,
        Vector256<int> w) => sums + Avx2.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());

    public static Vector256<int> AddShorts(Vector256<int> a, Vector256<int> b) =>
        (a.AsInt16() + b.AsInt16()).AsInt32();

    public static Vector256<int> MultiplyLow(Vector256<int> x, Vector256<int> w) =>
        (x.AsInt16() * w.AsInt16()).AsInt32();

    public static Vector256<int> MultiplyHigh(Vector256<int> x, Vector256<int> w) =>
        Shorts256.MultiplyHigh(x.AsInt16(), w.AsInt16()).AsInt32();

    public static Vector256<int> MultiplyRounded(Vector256<int> x, Vector256<int> w) =>
        Shorts256.MultiplyRounded(x.AsInt16(), w.AsInt16()).AsInt32();
}

/// <summary>
/// 128 bits anywhere: both halves of a pair multiplied as 32-bit integers where there is no
/// pmaddwd.
/// </summary>
internal readonly unsafe struct Pairs128 : IPairVector<Vector128<int>>
{
    public static int Lanes => Vector128<int>.Count;

    public static Vector128<int> Load(int* sums) => Vector128.Load(sums);

    public static void Store(Vector128<int> sums, int* to) => sums.Store(to);

    public static Vector128<int> Spread(int value) => Vector128.Create(value);

    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    public static Vector128<int> Subtract(Vector128<int> a, Vector128<int> b) => a - b;

    public static Vector128<int> Min(Vector128<int> a, Vector128<int> b) => Vector128.Min(a, b);

    public static Vector128<int> Max(Vector128<int> a, Vector128<int> b) => Vector128.Max(a, b);

    public static Vector128<int> And(Vector128<int> a, Vector128<int> b) => a & b;

    public static Vector128<int> Or(Vector128<int> a, Vector128<int> b) => a | b;

    public static Vector128<int> Xor(Vector128<int> a, Vector128<int> b) => a ^ b;

    public static Vector128<int> MaxUnsigned(Vector128<int> a, Vector128<int> b) =>
        Vector128.Max(a.AsUInt32(), b.AsUInt32()).AsInt32();

    public static bool AllBelowUnsigned(Vector128<int> a, Vector128<int> b) =>
        Vector128.LessThanAll(a.AsUInt32(), b.AsUInt32());

    public static Vector128<int> Broadcast(short* pair) =>
        Vector128.Create(Unsafe.ReadUnaligned<int>(pair));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(
        Vector128<int> sums, Vector128<int> x, Vector128<int> w) =>
        Sse2.IsSupported
            ? sums + Sse2.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16())
            : sums + ((x << 16 >> 16) * (w << 16 >> 16)) + ((x >> 16) * (w >> 16));

    public static Vector128<int> AddShorts(Vector128<int> a, Vector128<int> b) =>
        (a.AsInt16() + b.AsInt16()).AsInt32();

    public static Vector128<int> MultiplyLow(Vector128<int> x, Vector128<int> w) =>
        (x.AsInt16() * w.AsInt16()).AsInt32();

    public static Vector128<int> MultiplyHigh(Vector128<int> x, Vector128<int> w) =>
        Shorts128.MultiplyHigh(x.AsInt16(), w.AsInt16()).AsInt32();

    public static Vector128<int> MultiplyRounded(Vector128<int> x, Vector128<int> w) =>
        Shorts128.MultiplyRounded(x.AsInt16(), w.AsInt16()).AsInt32();
}
