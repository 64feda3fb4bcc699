using System.Numerics;

namespace QSim.Kernels.Tests.Oracle;

/// <summary>
/// An exact number, for definitions that speak of nearness and sign rather than of bits.
/// </summary>
internal readonly struct Rational
{
    private readonly BigInteger _numerator;
    private readonly BigInteger _denominator;

    public Rational(BigInteger numerator, BigInteger denominator)
    {
        _numerator = denominator.Sign < 0 ? -numerator : numerator;
        _denominator = BigInteger.Abs(denominator);
    }

    public int Sign => _numerator.Sign;

    public bool IsInteger => _numerator % _denominator == 0;

    /// <summary>value * 2^exponent.</summary>
    public static Rational Scaled(BigInteger value, int exponent) => exponent >= 0
        ? new(value * BigInteger.Pow(2, exponent), 1)
        : new(value, BigInteger.Pow(2, -exponent));

    /// <summary>The largest integer that is not larger.</summary>
    public BigInteger Below()
    {
        BigInteger quotient = BigInteger.DivRem(_numerator, _denominator, out BigInteger remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }

    /// <summary>Negative when a is nearer than b, 0 when both are equally near.</summary>
    public int CompareDistance(BigInteger a, BigInteger b) =>
        BigInteger
            .Abs(_numerator - (a * _denominator))
            .CompareTo(BigInteger.Abs(_numerator - (b * _denominator)));
}
