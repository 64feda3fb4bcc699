using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// Fitting of a rounded value, lane by lane; each implementation is one loop's specialization.
/// </summary>
internal interface IVectorOverflow
{
    static abstract Vector<T> Fit<T>(Vector<T> value, Vector<T> rounded, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>SAT and SAT_SYM.</summary>
internal readonly struct Saturation : IVectorOverflow
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Fit<T>(Vector<T> value, Vector<T> rounded, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T> =>
        Vector.Min(Vector.Max(rounded, to.Lowest), to.Max);
}

/// <summary>WRAP without saturation bits into a signed format.</summary>
internal readonly struct SignedWrap : IVectorOverflow
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Fit<T>(Vector<T> value, Vector<T> rounded, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T> => rounded << to.Unused >> to.Unused;
}

/// <summary>The other modes: lanes that overflow are replaced one by one.</summary>
internal readonly struct AnyOverflow : IVectorOverflow
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Fit<T>(Vector<T> value, Vector<T> rounded, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T> =>
        // Nearly always nothing overflows, and one look at all lanes is all it takes.
        Vector.LessThanAny(rounded, to.Lowest) || Vector.GreaterThanAny(rounded, to.Max)
            ? Replace(value, rounded, to.Spec)
            : rounded;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector<T> Replace<T>(Vector<T> value, Vector<T> rounded, ConversionSpec spec)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int lane = 0; lane < Vector<T>.Count; lane++)
        {
            // Modes look at bits that rounding dropped or overflow deletes: of the value itself.
            long raw = long.CreateTruncating(value[lane]);
            long low = long.CreateTruncating(rounded[lane]);
            if (!Overflow.Happens(low, spec))
                continue;
            long replaced = Overflow.Replace(
                low, raw < 0, Conversion.DeletedBit(raw, low, spec), spec);
            rounded = rounded.WithElement(lane, T.CreateTruncating(replaced));
        }

        return rounded;
    }
}
