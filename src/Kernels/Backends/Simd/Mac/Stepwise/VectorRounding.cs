using System.Numerics;
using System.Runtime.CompilerServices;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// Rounding of a conversion, lane by lane; each implementation is one loop's specialization.
/// </summary>
internal interface IVectorRounding
{
    static abstract Vector<T> Round<T>(Vector<T> value, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>Nothing is dropped.</summary>
internal readonly struct NoRounding : IVectorRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Round<T>(Vector<T> value, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T> => value;
}

/// <summary>Toward minus infinity: the shift alone.</summary>
internal readonly struct FloorRounding : IVectorRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Round<T>(Vector<T> value, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T> => value >> to.Spec.Shift;
}

/// <summary>Any deterministic mode.</summary>
internal readonly struct AnyRounding : IVectorRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Round<T>(Vector<T> value, in VectorConversion<T> to)
        where T : unmanaged, IBinaryInteger<T>
    {
        int shift = to.Spec.Shift;
        if (shift == 0) return value;
        Vector<T> quotient = value >> shift;
        Vector<T> addend = to.Addends;
        if (to.LooksAtValue)
        {
            addend += Vector.LessThan(value, Vector<T>.Zero) & to.IfNegative;
            addend += Vector.Negate(quotient & Vector<T>.One) & to.IfOdd;
        }

        // Added to the dropped bits alone: added to the value it could leave the lane.
        return quotient + (((value & to.Dropped) + addend) >>> shift);
    }
}
