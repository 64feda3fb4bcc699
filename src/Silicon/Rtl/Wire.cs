using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>A named bundle of bits in SystemVerilog.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bits">Its width.</param>
/// <param name="IsSigned">Whether it is two's complement.</param>
/// <param name="IsVector">Whether its bits are picked one by one, even where there is one.</param>
internal readonly record struct Wire(
    string Name, int Bits, bool IsSigned, bool IsVector = false)
{
    /// <summary>Its width as two's complement: an unsigned one gains a sign.</summary>
    public int SignedBits => IsSigned ? Bits : Bits + 1;

    /// <summary><c>logic signed [7:0]</c>.</summary>
    public string Type => TypeOf(Bits, IsSigned, IsVector);

    /// <summary>It as two's complement of a width that holds it.</summary>
    public string As(int bits) => Extend(Name, Bits, IsSigned, bits);

    /// <summary>The wire of a conversion's result.</summary>
    public static Wire Of(string name, ConversionSpec spec) => new(name, spec.Bits, spec.IsSigned);

    /// <summary>The narrowest two's complement wire for a range.</summary>
    public static Wire Of(string name, ExactRange range) => new(name, range.Bits, true);

    /// <summary>The type of so many bits.</summary>
    public static string TypeOf(int bits, bool isSigned, bool isVector = false)
    {
        string range = bits == 1 && !isVector ? "" : $" [{bits - 1}:0]";
        return $"logic{(isSigned ? " signed" : "")}{range}";
    }

    /// <summary>A name, widened to so many bits.</summary>
    public static string Extend(string name, int from, bool isSigned, int to)
    {
        if (to < from) throw new ArgumentException($"{name}: {to} bits do not hold {from}");
        if (to == from) return isSigned ? name : $"$signed({name})";
        string wide = $"{to}'({name})";
        return isSigned ? wide : $"$signed({wide})";
    }

    /// <summary>A number as so many bits, for example <c>8'h80</c>.</summary>
    public static string Literal(BigInteger value, int bits)
    {
        BigInteger low = value & ((BigInteger.One << bits) - 1);
        string digits = low.ToString("x").TrimStart('0');
        return $"{bits}'h{(digits.Length == 0 ? "0" : digits)}";
    }

    /// <summary>The same with a sign, for example <c>-8'sd128</c>.</summary>
    public static string SignedLiteral(BigInteger value, int bits)
    {
        // The lowest number's magnitude is one more than its width holds.
        bool isLowest = value == -(BigInteger.One << (bits - 1));
        return isLowest ? Literal(value, bits).Replace("'h", "'sh", StringComparison.Ordinal)
            : value < 0 ? $"-{bits}'sd{-value}"
            : $"{bits}'sd{value}";
    }
}
