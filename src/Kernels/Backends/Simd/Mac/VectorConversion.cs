using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>
/// A <see cref="ConversionSpec"/> spread over vector lanes. With <c>v = q*2^s + r</c> every mode of
/// ARITHMETIC.md section 2 is <c>q + ((r + a) &gt;&gt; s)</c>, where the addend a is a constant,
/// plus a term where v is negative, plus a term where q is odd.
/// </summary>
internal readonly struct VectorConversion<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public VectorConversion(ConversionSpec spec)
    {
        Spec = spec;
        (long addend, long ifNegative, long ifOdd) = Addend(spec.Rounding, spec.Shift);
        Addends = Spread(addend);
        IfNegative = Spread(ifNegative);
        IfOdd = Spread(ifOdd);
        LooksAtValue = ifNegative != 0 || ifOdd != 0;
        Dropped = Spread(spec.Shift > 0 ? (1L << spec.Shift) - 1 : 0);
        Lowest = Spread(Overflow.LowestKept(spec));
        Max = Spread(spec.Max);
        Unused = (Unsafe.SizeOf<T>() * 8) - spec.Bits;
    }

    public ConversionSpec Spec { get; }

    public Vector<T> Addends { get; }

    public Vector<T> IfNegative { get; }

    public Vector<T> IfOdd { get; }

    public bool LooksAtValue { get; }

    /// <summary>The bits that the shift drops.</summary>
    public Vector<T> Dropped { get; }

    public Vector<T> Lowest { get; }

    public Vector<T> Max { get; }

    /// <summary>Lane bits above the target's.</summary>
    public int Unused { get; }

    /// <summary>True when lanes of this type compute the conversion exactly.</summary>
    public static bool Supports(ConversionSpec spec)
    {
        int lane = Unsafe.SizeOf<T>() * 8;
        return spec.Shift >= 0 && spec.Shift <= lane - 2 && spec.Bits <= lane
            && spec.Rounding != RoundingMode.Stochastic;
    }

    private static (long Always, long IfNegative, long IfOdd) Addend(RoundingMode mode, int shift)
    {
        if (shift <= 0) return (0, 0, 0);
        long half = 1L << (shift - 1);
        long all = (1L << shift) - 1;
        return mode switch
        {
            RoundingMode.TowardZero => (0, all, 0),
            RoundingMode.TowardPositive => (all, 0, 0),
            RoundingMode.NearestTiesTowardPositive => (half, 0, 0),
            RoundingMode.NearestTiesTowardNegative => (half - 1, 0, 0),
            RoundingMode.NearestTiesTowardZero => (half - 1, 1, 0),
            RoundingMode.NearestTiesAway => (half, -1, 0),
            RoundingMode.NearestTiesToEven => (half - 1, 0, 1),
            RoundingMode.NearestTiesToOdd => (half, 0, -1),
            _ => (0, 0, 0),
        };
    }

    private static Vector<T> Spread(long value) => new(T.CreateTruncating(value));
}
