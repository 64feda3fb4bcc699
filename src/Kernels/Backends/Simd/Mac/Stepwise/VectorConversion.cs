using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>
/// A <see cref="ConversionSpec"/> spread over vector lanes, its rounding as
/// <see cref="Rounding.Addend"/> has it.
/// </summary>
internal readonly struct VectorConversion<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public VectorConversion(ConversionSpec spec)
    {
        Spec = spec;
        RoundingAddend addend = Rounding.Addend(spec.Rounding, spec.Shift);
        Addends = Spread(addend.Always);
        IfNegative = Spread(addend.IfNegative);
        IfOdd = Spread(addend.IfOdd);
        (LooksAtSign, LooksAtParity) = (addend.IfNegative != 0, addend.IfOdd != 0);
        LooksAtValue = LooksAtSign || LooksAtParity;
        Dropped = Spread(spec.Shift > 0 ? (1L << spec.Shift) - 1 : 0);
        Lowest = Spread(Overflow.LowestKept(spec));
        Max = Spread(spec.Max);
        Unused = (Unsafe.SizeOf<T>() * 8) - spec.Bits;
    }

    public ConversionSpec Spec { get; }

    public Vector<T> Addends { get; }

    public Vector<T> IfNegative { get; }

    public Vector<T> IfOdd { get; }

    public bool LooksAtSign { get; }

    public bool LooksAtParity { get; }

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

    private static Vector<T> Spread(long value) => new(T.CreateTruncating(value));
}
