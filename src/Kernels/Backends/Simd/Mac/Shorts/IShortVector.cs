using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>A vector of 16-bit accumulators.</summary>
/// <remarks>Needs a whole vector where it loads or stores: callers own the memory.</remarks>
internal unsafe interface IShortVector<TVector>
{
    /// <summary>Accumulators per vector.</summary>
    static abstract int Lanes { get; }

    static abstract TVector Load(short* values);

    static abstract TVector Broadcast(short value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector AddSaturating(TVector a, TVector b);

    static abstract TVector Clamp(TVector value, TVector lowest, TVector highest);

    /// <summary>The low 16 bits of <c>a * b</c>.</summary>
    static abstract TVector MultiplyLow(TVector a, TVector b);

    /// <summary><c>(a * b) &gt;&gt; 16</c>.</summary>
    static abstract TVector MultiplyHigh(TVector a, TVector b);

    /// <summary><c>(a * b + 2^14) &gt;&gt; 15</c>; not for both -32768.</summary>
    static abstract TVector MultiplyRounded(TVector a, TVector b);

    /// <summary>Stores accumulators in 32 bits.</summary>
    static abstract void StoreWidened(TVector values, int* to);

    /// <summary>Adds accumulators to sums of 32 bits.</summary>
    static abstract void AddWidened(TVector values, int* to);
}

/// <summary>AVX-512BW.</summary>
internal readonly unsafe struct Shorts512 : IShortVector<Vector512<short>>
{
    public static int Lanes => Vector512<short>.Count;

    public static Vector512<short> Load(short* values) => Vector512.Load(values);

    public static Vector512<short> Broadcast(short value) => Vector512.Create(value);

    public static Vector512<short> Add(Vector512<short> a, Vector512<short> b) => a + b;

    public static Vector512<short> Subtract(Vector512<short> a, Vector512<short> b) => a - b;

    public static Vector512<short> AddSaturating(Vector512<short> a, Vector512<short> b) =>
        Vector512.AddSaturate(a, b);

    public static Vector512<short> Clamp(
        Vector512<short> value, Vector512<short> lowest,
        Vector512<short> highest) => Vector512.Min(Vector512.Max(value, lowest), highest);

    public static Vector512<short> MultiplyLow(Vector512<short> a, Vector512<short> b) => a * b;

    public static Vector512<short> MultiplyHigh(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.MultiplyHigh(a, b);

    public static Vector512<short> MultiplyRounded(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.MultiplyHighRoundScale(a, b);

    public static void StoreWidened(Vector512<short> values, int* to)
    {
        (Vector512<int> low, Vector512<int> high) = Vector512.Widen(values);
        low.Store(to);
        high.Store(to + Vector512<int>.Count);
    }

    public static void AddWidened(Vector512<short> values, int* to)
    {
        (Vector512<int> low, Vector512<int> high) = Vector512.Widen(values);
        (Vector512.Load(to) + low).Store(to);
        (Vector512.Load(to + Vector512<int>.Count) + high).Store(to + Vector512<int>.Count);
    }
}

/// <summary>AVX2.</summary>
internal readonly unsafe struct Shorts256 : IShortVector<Vector256<short>>
{
    public static int Lanes => Vector256<short>.Count;

    public static Vector256<short> Load(short* values) => Vector256.Load(values);

    public static Vector256<short> Broadcast(short value) => Vector256.Create(value);

    public static Vector256<short> Add(Vector256<short> a, Vector256<short> b) => a + b;

    public static Vector256<short> Subtract(Vector256<short> a, Vector256<short> b) => a - b;

    public static Vector256<short> AddSaturating(Vector256<short> a, Vector256<short> b) =>
        Vector256.AddSaturate(a, b);

    public static Vector256<short> Clamp(
        Vector256<short> value, Vector256<short> lowest,
        Vector256<short> highest) => Vector256.Min(Vector256.Max(value, lowest), highest);

    public static Vector256<short> MultiplyLow(Vector256<short> a, Vector256<short> b) => a * b;

    public static Vector256<short> MultiplyHigh(Vector256<short> a, Vector256<short> b) =>
        Avx2.MultiplyHigh(a, b);

    public static Vector256<short> MultiplyRounded(Vector256<short> a, Vector256<short> b) =>
        Avx2.MultiplyHighRoundScale(a, b);

    public static void StoreWidened(Vector256<short> values, int* to)
    {
        (Vector256<int> low, Vector256<int> high) = Vector256.Widen(values);
        low.Store(to);
        high.Store(to + Vector256<int>.Count);
    }

    public static void AddWidened(Vector256<short> values, int* to)
    {
        (Vector256<int> low, Vector256<int> high) = Vector256.Widen(values);
        (Vector256.Load(to) + low).Store(to);
        (Vector256.Load(to + Vector256<int>.Count) + high).Store(to + Vector256<int>.Count);
    }
}

/// <summary>
/// 128 bits anywhere: products of the upper halves by widening where there is no instruction.
/// </summary>
internal readonly unsafe struct Shorts128 : IShortVector<Vector128<short>>
{
    public static int Lanes => Vector128<short>.Count;

    public static Vector128<short> Load(short* values) => Vector128.Load(values);

    public static Vector128<short> Broadcast(short value) => Vector128.Create(value);

    public static Vector128<short> Add(Vector128<short> a, Vector128<short> b) => a + b;

    public static Vector128<short> Subtract(Vector128<short> a, Vector128<short> b) => a - b;

    public static Vector128<short> AddSaturating(Vector128<short> a, Vector128<short> b) =>
        Vector128.AddSaturate(a, b);

    public static Vector128<short> Clamp(
        Vector128<short> value, Vector128<short> lowest,
        Vector128<short> highest) => Vector128.Min(Vector128.Max(value, lowest), highest);

    public static Vector128<short> MultiplyLow(Vector128<short> a, Vector128<short> b) => a * b;

    public static Vector128<short> MultiplyHigh(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported ? Sse2.MultiplyHigh(a, b) : Products(a, b, addend: 0, shift: 16);

    public static Vector128<short> MultiplyRounded(Vector128<short> a, Vector128<short> b) =>
        Ssse3.IsSupported
            ? Ssse3.MultiplyHighRoundScale(a, b)
            : Products(a, b, addend: 1 << 14, shift: 15);

    public static void StoreWidened(Vector128<short> values, int* to)
    {
        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(values);
        low.Store(to);
        high.Store(to + Vector128<int>.Count);
    }

    public static void AddWidened(Vector128<short> values, int* to)
    {
        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(values);
        (Vector128.Load(to) + low).Store(to);
        (Vector128.Load(to + Vector128<int>.Count) + high).Store(to + Vector128<int>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Products(
        Vector128<short> a, Vector128<short> b, int addend, int shift)
    {
        (Vector128<int> lowA, Vector128<int> highA) = Vector128.Widen(a);
        (Vector128<int> lowB, Vector128<int> highB) = Vector128.Widen(b);
        Vector128<int> addends = Vector128.Create(addend);
        return Vector128.Narrow(
            ((lowA * lowB) + addends) >> shift,
            ((highA * highB) + addends) >> shift);
    }
}
