using System.Numerics;
using QSim.Kernels.Arithmetic;

namespace QSim.Silicon.Rtl;

/// <summary>
/// Division by one of a few known numbers, in SystemVerilog: a product with the reciprocal, which
/// is rounded up at as many bits as make the floor exact; what is left over says how to round.
/// </summary>
internal sealed class DivisionText
{
    private readonly ModuleText _module;
    private readonly Wire _value;
    private readonly BigInteger[] _divisors;

    // What is divided is moved by a multiple of the divisor, so that it is never below 0.
    private readonly int _moved;
    private readonly int _shift;

    private DivisionText(ModuleText module, Wire value, IEnumerable<BigInteger> divisors)
    {
        (_module, _value) = (module, value);
        _divisors = [.. divisors.Order()];
        BigInteger lowest = BigInteger.One << (value.Bits - 1);
        while (_divisors[0] << _moved < lowest) _moved++;
        while (_divisors.Any(d => Largest(d) * Excess(d) >= BigInteger.One << _shift)) _shift++;
    }

    /// <summary>
    /// Writes <c>rounded</c> and the bit <c>dropped</c>, which says that something was left over.
    /// </summary>
    /// <param name="module">Where to.</param>
    /// <param name="value">What is divided, two's complement.</param>
    /// <param name="divisors">What by: 1 or more, each once.</param>
    /// <param name="divisor">The wire that says by which; one divisor needs none.</param>
    /// <param name="mode">How to round; any mode but stochastic.</param>
    public static Wire Round(
        ModuleText module, Wire value, IEnumerable<BigInteger> divisors, Wire divisor,
        RoundingMode mode) => new DivisionText(module, value, divisors).Write(divisor, mode);

    /// <summary>The bits that hold each of some divisors.</summary>
    public static int Bits(IEnumerable<BigInteger> divisors) =>
        (int)divisors.Max().GetBitLength();

    private BigInteger Largest(BigInteger divisor) =>
        (BigInteger.One << (_value.Bits - 1)) - 1 + (divisor << _moved);

    private BigInteger Reciprocal(BigInteger divisor) =>
        ((BigInteger.One << _shift) + divisor - 1) / divisor;

    private BigInteger Excess(BigInteger divisor) =>
        (Reciprocal(divisor) * divisor) - (BigInteger.One << _shift);

    private Wire Write(Wire divisor, RoundingMode mode)
    {
        int bits = Bits(_divisors);
        Wire quotient = WriteQuotient(divisor);
        Wire remainder = new("remainder", bits, false, IsVector: true);
        string count = Divisor(divisor, bits);
        _module.Let(
            remainder, $"{Low(_value, bits)} - {Low(quotient, bits)} * {count}");
        _module.LetBit("dropped", "|remainder");
        if (mode == RoundingMode.TowardNegative) return quotient;
        if (RoundingText.Uses(mode, "negative"))
            _module.LetBit("negative", RoundingText.Bit(_value, _value.Bits - 1));
        if (RoundingText.Uses(mode, "odd")) _module.LetBit("odd", "quotient[0]");
        string twice = "{remainder, 1'b0}", one = $"{{1'b0, {count}}}";
        _module.LetBit("half", $"{twice} >= {one}");
        if (RoundingText.Uses(mode, "sticky"))
            _module.LetBit("sticky", $"dropped && {twice} != {one}");
        _module.LetBit("adds", RoundingText.Condition(mode));
        Wire rounded = new("rounded", quotient.Bits + 1, true);
        _module.Let(
            rounded,
            $"{quotient.As(rounded.Bits)} + {RoundingText.PlusOne(rounded.Bits, "adds")}");
        return rounded;
    }

    /// <summary>The largest integer that is not above the quotient.</summary>
    private Wire WriteQuotient(Wire divisor)
    {
        int bits = (int)_divisors.Max(Largest).GetBitLength();
        int reciprocalBits = (int)_divisors.Max(Reciprocal).GetBitLength();
        int quotientBits = (int)_divisors.Max(d => Largest(d) / d).GetBitLength();
        Wire moved = new("moved", bits, false, IsVector: true);
        _module.Let(
            moved,
            $"$unsigned({_value.As(bits)}) + "
                + Chosen(divisor, d => Wire.Literal(d << _moved, bits)));
        Wire product = new("product", bits + reciprocalBits, false, IsVector: true);
        _module.Line($"// The reciprocal has {_shift} bits behind the point: the floor is exact.");
        _module.PartlyUsed(() => _module.Let(
            product,
            $"{product.Bits}'(moved) * "
                + Chosen(divisor, d => Wire.Literal(Reciprocal(d), product.Bits))));
        Wire quotient = new("quotient", quotientBits + 1, true);
        _module.Let(
            quotient,
            $"$signed({{1'b0, product[{_shift + quotientBits - 1}:{_shift}]}}) - "
                + Wire.SignedLiteral(BigInteger.One << _moved, quotient.Bits));
        return quotient;
    }

    private string Divisor(Wire divisor, int bits) =>
        _divisors.Length == 1 ? Wire.Literal(_divisors[0], bits) : divisor.Name;

    /// <summary>One literal, or that of the divisor on the wire.</summary>
    private string Chosen(Wire divisor, Func<BigInteger, string> literal)
    {
        string chosen = literal(_divisors[^1]);
        foreach (BigInteger d in _divisors.SkipLast(1).Reverse())
            chosen = $"{divisor.Name} == {Wire.Literal(d, divisor.Bits)} ? {literal(d)}\n"
                + $"      : {chosen}";
        return _divisors.Length == 1 ? chosen : $"({chosen})";
    }

    private static string Low(Wire value, int bits) =>
        value.Bits < bits ? $"$unsigned({value.As(bits)})" : $"{value.Name}[{bits - 1}:0]";
}
