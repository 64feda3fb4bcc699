using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests.Oracle;

/// <summary>
/// Overflow as the standards draw it: registers written out as strings of 0 and 1.
/// </summary>
internal static class OverflowOracle
{
    /// <summary>A target format and its overflow handling.</summary>
    internal readonly record struct Target(
        int Bits, bool IsSigned, OverflowMode Mode, int SaturationBits, OverflowDialect Dialect);

    public static bool Fits(BigInteger value, Target target)
    {
        (BigInteger low, BigInteger high) = Range(target);
        return value >= low && value <= high;
    }

    /// <param name="value">The rounded value.</param>
    /// <param name="unrounded">The integer part of the source, rounded down.</param>
    /// <param name="target">The target.</param>
    public static BigInteger Fit(BigInteger value, BigInteger unrounded, Target target)
    {
        if (Fits(value, target)) return value;
        (BigInteger low, BigInteger high) = Range(target);
        return target.Mode switch
        {
            OverflowMode.SaturateToZero => 0,
            OverflowMode.Wrap => Number(Wrap(value, target), target),
            OverflowMode.WrapSignMagnitude => Number(
                WrapSignMagnitude(value, unrounded, target), target),
            _ => value < low ? low : high,
        };
    }

    private static (BigInteger Low, BigInteger High) Range(Target target)
    {
        if (!target.IsSigned) return (0, BigInteger.Pow(2, target.Bits) - 1);
        BigInteger half = BigInteger.Pow(2, target.Bits - 1);
        return (target.Mode == OverflowMode.SaturateSymmetric ? 1 - half : -half, half - 1);
    }

    private static string Wrap(BigInteger value, Target target)
    {
        int n = target.SaturationBits;
        string kept = Bits(value, target.Bits)[n..];
        if (n == 0) return kept;
        char sign = value.Sign < 0 ? '1' : '0';
        if (target.IsSigned) return sign + new string(Not(sign), n - 1) + kept;
        bool clears = sign == '1' && target.Dialect == OverflowDialect.SystemC;
        return new string(clears ? '0' : '1', n) + kept;
    }

    private static string WrapSignMagnitude(BigInteger value, BigInteger unrounded, Target target)
    {
        int n = target.SaturationBits;
        string register = Bits(value, target.Bits);
        char sign = value.Sign < 0 ? '1' : '0';
        if (n == 0)
        {
            BigInteger source = target.Dialect == OverflowDialect.SystemC ? value : unrounded;
            char deleted = Bits(source, target.Bits + 1)[0];
            return deleted + (deleted != register[0] ? Not(register) : register)[1..];
        }

        if (n == 1)
            return sign + (sign != register[0] ? Not(register) : register)[1..];
        return sign
            + new string(Not(sign), n - 1)
            + (register[n - 1] == sign ? Not(register) : register)[n..];
    }

    /// <summary>
    /// The low bits of an endless two's complement number, most significant first.
    /// </summary>
    private static string Bits(BigInteger value, int count)
    {
        var bits = new char[count];
        for (int i = count - 1; i >= 0; i--)
        {
            bits[i] = value.IsEven ? '0' : '1';
            value = (value - (value.IsEven ? 0 : 1)) / 2;
        }

        return new string(bits);
    }

    private static BigInteger Number(string bits, Target target)
    {
        BigInteger number = 0;
        foreach (char bit in bits) number = (number * 2) + (bit - '0');
        return target.IsSigned && bits[0] == '1' ? number - BigInteger.Pow(2, bits.Length) : number;
    }

    private static char Not(char bit) => bit == '0' ? '1' : '0';

    private static string Not(string bits) => string.Concat(bits.Select(Not));
}
