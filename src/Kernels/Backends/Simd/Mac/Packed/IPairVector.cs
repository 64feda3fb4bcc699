using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>A vector of 32-bit sums, each of which takes pairs of 16-bit products.</summary>
internal unsafe interface IPairVector<TVector>
{
    /// <summary>Sums per vector.</summary>
    static abstract int Lanes { get; }

    static abstract TVector Load(int* sums);

    static abstract void Store(TVector sums, int* to);

    /// <summary>One pair of inputs for every lane.</summary>
    static abstract TVector Broadcast(short* pair);

    /// <summary>
    /// Effectively computes <c>sums[i] += x[2i] * w[2i] + x[2i+1] * w[2i+1]</c> modulo 2^32.
    /// </summary>
    static abstract TVector MultiplyAdd(TVector sums, TVector x, TVector w);
}

/// <summary>AVX-512: vpmaddwd on 512 bits.</summary>
internal readonly unsafe struct Pairs512 : IPairVector<Vector512<int>>
{
    public static int Lanes => Vector512<int>.Count;

    public static Vector512<int> Load(int* sums) => Vector512.Load(sums);

    public static void Store(Vector512<int> sums, int* to) => sums.Store(to);

    public static Vector512<int> Broadcast(short* pair) => Vector512.Create(Unsafe.ReadUnaligned<int>(pair));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAdd(Vector512<int> sums, Vector512<int> x, Vector512<int> w) =>
        sums + Avx512BW.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());
}

/// <summary>AVX2: vpmaddwd on 256 bits.</summary>
internal readonly unsafe struct Pairs256 : IPairVector<Vector256<int>>
{
    public static int Lanes => Vector256<int>.Count;

    public static Vector256<int> Load(int* sums) => Vector256.Load(sums);

    public static void Store(Vector256<int> sums, int* to) => sums.Store(to);

    public static Vector256<int> Broadcast(short* pair) => Vector256.Create(Unsafe.ReadUnaligned<int>(pair));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAdd(Vector256<int> sums, Vector256<int> x, Vector256<int> w) =>
        sums + Avx2.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16());
}

/// <summary>128 bits anywhere: both halves of a pair multiplied as 32-bit integers where there is no pmaddwd.</summary>
internal readonly unsafe struct Pairs128 : IPairVector<Vector128<int>>
{
    public static int Lanes => Vector128<int>.Count;

    public static Vector128<int> Load(int* sums) => Vector128.Load(sums);

    public static void Store(Vector128<int> sums, int* to) => sums.Store(to);

    public static Vector128<int> Broadcast(short* pair) => Vector128.Create(Unsafe.ReadUnaligned<int>(pair));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAdd(Vector128<int> sums, Vector128<int> x, Vector128<int> w) =>
        Sse2.IsSupported
            ? sums + Sse2.MultiplyAddAdjacent(x.AsInt16(), w.AsInt16())
            : sums + ((x << 16 >> 16) * (w << 16 >> 16)) + ((x >> 16) * (w >> 16));
}
