using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>The values that an exact integer can take, with no width to hold it yet.</summary>
/// <param name="Low">The smallest.</param>
/// <param name="High">The largest.</param>
internal readonly record struct ExactRange(BigInteger Low, BigInteger High)
{
    /// <summary>Width of the narrowest two's complement integer that holds every value.</summary>
    public int Bits => (int)Math.Max(Low.GetBitLength(), High.GetBitLength()) + 1;

    /// <summary>Every raw value of a tensor.</summary>
    public static ExactRange Of(TensorType type) => new(type.MinRaw, type.MaxRaw);

    /// <summary>Every raw value that a conversion can give.</summary>
    public static ExactRange Of(ConversionSpec spec) => new(Overflow.LowestKept(spec), spec.Max);

    /// <summary>Every raw value of a format.</summary>
    public static ExactRange Of(FixedFormat format) => new(format.MinRaw, format.MaxRaw);

    /// <summary>The narrowest range that holds both.</summary>
    public ExactRange Or(ExactRange other) =>
        new(BigInteger.Min(Low, other.Low), BigInteger.Max(High, other.High));

    /// <summary>The range of a sum.</summary>
    public static ExactRange operator +(ExactRange a, ExactRange b) =>
        new(a.Low + b.Low, a.High + b.High);

    /// <summary>The range of a product.</summary>
    public static ExactRange operator *(ExactRange a, ExactRange b)
    {
        BigInteger[] corners = [a.Low * b.Low, a.Low * b.High, a.High * b.Low, a.High * b.High];
        return new(corners.Min(), corners.Max());
    }

    /// <summary>The range of a left shift.</summary>
    public static ExactRange operator <<(ExactRange a, int bits) =>
        new(a.Low << bits, a.High << bits);

    /// <summary>A single value.</summary>
    public static implicit operator ExactRange(long value) => new(value, value);
}
