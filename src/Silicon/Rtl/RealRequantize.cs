using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>
/// Scaling by a float32 in hardware: <c>round(float32(acc) * scale)</c>, the product rounded to
/// float32 on magnitudes, for rounding half to even does not look at the sign.
/// </summary>
internal static class RealRequantize
{
    /// <summary>Significands are rounded to 24 bits, which may carry into one more.</summary>
    public const int SignificandBits = 25;

    private const int MantissaBits = 24;
    /// <summary>The exact product of two significands.</summary>
    public const int ProductBits = SignificandBits + MantissaBits;
    private const int DroppedBits = 7;
    private const int ExponentBits = 12;

    /// <summary>Null when the result has a bounded width, else why not.</summary>
    public static string? WhyNot(MacLayer layer) => MagnitudeBits(layer) > 61
        ? "a float32 scale takes the accumulator beyond 61 bits"
        : null;

    /// <summary>The ports by which channels differ.</summary>
    public static IEnumerable<(Wire Port, Func<Requantization, long> Value)> Ports(MacLayer layer)
    {
        Requantization first = layer.Requantization[0];
        if (layer.Requantization.Any(r => r.RealMantissa != first.RealMantissa))
            yield return (new("mantissa", MantissaBits + 1, true), r => r.RealMantissa);
        if (layer.Requantization.Any(r => r.RealExponent != first.RealExponent))
            yield return (new("exponent", ExponentBits, true), r => r.RealExponent);
    }

    /// <summary>Rounds an unsigned number to 24 significant bits, ties to even.</summary>
    public static ModuleText Significand(string name, int bits)
    {
        var module = new ModuleText(
            name, $"{bits} bits to float32's 24 significant ones, ties to even.");
        module.Input(new("value", bits, false, IsVector: true));
        module.Output(new("significand", SignificandBits, false));
        module.Output(new("dropped", DroppedBits, false));
        if (bits <= MantissaBits)
        {
            module.Drive("significand", $"{SignificandBits}'(value)");
            module.Drive("dropped", $"{DroppedBits}'d0");
            return module;
        }

        module.Line("always_comb begin");
        module.Line($"  dropped = {DroppedBits}'d0;");
        module.Line($"  for (int i = {MantissaBits}; i < {bits}; i++)");
        module.Line($"    if (value[i]) dropped = {DroppedBits}'(i - {MantissaBits - 1});");
        module.Line("end");
        module.Let(
            new Wire("mask", bits, false), $"~({{{bits}{{1'b1}}}} << dropped)");
        module.Let(new Wire("below", bits, false), "mask >> 1");
        module.LetBit("half", "|(value & (mask ^ below))");
        module.LetBit("sticky", "|(value & below)");
        module.Let(
            new Wire("floor", SignificandBits, false),
            $"{SignificandBits}'(value >> dropped)");
        module.Drive(
            "significand",
            $"floor + {SignificandBits}'(half && (floor[0] || sticky))");
        return module;
    }

    /// <summary>Writes the scaling of a value.</summary>
    /// <param name="module">Where to.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="value">The accumulator, two's complement.</param>
    /// <param name="name">What the layer's modules are called.</param>
    /// <returns>What it rounds to.</returns>
    public static Wire Write(ModuleText module, MacLayer layer, Wire value, string name)
    {
        Requantization first = layer.Requantization[0];
        bool varies = Ports(layer).Any(p => p.Port.Name == "mantissa");
        module.Let(
            new Wire("magnitude", value.Bits, false, IsVector: true),
            $"$unsigned({RoundingText.Bit(value, value.Bits - 1)} ? -{value.Name} : {value.Name})");
        WriteSignificand(module, $"{name}_significand", "magnitude", "float");
        string mantissa = "MANTISSA";
        string negative = RoundingText.Bit(value, value.Bits - 1);
        string sign = first.RealMantissa < 0 ? $"!{negative}" : negative;
        if (varies)
        {
            mantissa = "scale";
            sign = $"{negative} ^ mantissa[{MantissaBits}]";
            module.Let(
                new Wire("scale", MantissaBits, false),
                $"{MantissaBits}'(mantissa[{MantissaBits}] ? -mantissa : mantissa)");
        }
        else
        {
            module.Line(
                $"localparam [{MantissaBits - 1}:0] MANTISSA = "
                    + $"{MantissaBits}'d{Math.Abs((long)first.RealMantissa)};");
        }

        module.LetBit("minus", sign);
        module.Let(
            new Wire("exact", ProductBits, false),
            $"{ProductBits}'(float_significand) * {ProductBits}'({mantissa})");
        WriteSignificand(module, $"{name}_product_significand", "exact", "product");
        string exponent = "exponent";
        if (Ports(layer).All(p => p.Port.Name != exponent))
        {
            exponent = "EXPONENT";
            module.Constant(new(exponent, ExponentBits, true), first.RealExponent);
        }

        module.Let(
            new Wire("power", ExponentBits, true),
            $"{exponent} + {Wire.Extend("float_dropped", DroppedBits, false, ExponentBits)}\n"
                + $"    + {Wire.Extend("product_dropped", DroppedBits, false, ExponentBits)}");
        return WriteInteger(module, MagnitudeBits(layer), first.Output.Rounding);
    }

    private static void WriteSignificand(
        ModuleText module, string name, string value, string prefix)
    {
        module.Line($"wire [{SignificandBits - 1}:0] {prefix}_significand;");
        module.Line($"wire [{DroppedBits - 1}:0] {prefix}_dropped;");
        module.Line($"{name} {prefix} (.value({value}),");
        module.Line(
            $"  .significand({prefix}_significand), .dropped({prefix}_dropped));");
    }

    private static Wire WriteInteger(ModuleText module, int magnitude, RoundingMode rounding)
    {
        module.Let(
            new Wire("right", ExponentBits, false),
            $"power[{ExponentBits - 1}] ? $unsigned(-power) : {ExponentBits}'d0");
        module.Let(
            new Wire("left", ExponentBits, false),
            $"power[{ExponentBits - 1}] ? {ExponentBits}'d0 : $unsigned(power)");
        Wire scaled = new("scaled", SignificandBits + 1, true);
        module.Let(
            scaled,
            "minus ? -$signed({1'b0, product_significand})\n"
                + "      : $signed({1'b0, product_significand})");

        // What is shifted out beyond the significand is its sign.
        Wire rounded = VariableShift.Round(module, scaled, "right", scaled.Bits, rounding);
        Wire whole = new("whole", Math.Max(rounded.Bits, magnitude + 1), true);
        module.Let(whole, $"{rounded.As(whole.Bits)} <<< left");
        return whole;
    }

    /// <summary>Bits of the largest magnitude that any channel's scaling gives.</summary>
    private static int MagnitudeBits(MacLayer layer)
    {
        BigInteger largest = BigInteger.Max(
            layer.Mac.Update.Max, -new BigInteger(layer.Mac.Update.Min));
        return layer.Requantization.Max(r =>
        {
            // Two roundings to 24 bits and one to an integer add less than a bit together.
            BigInteger product = largest * BigInteger.Abs(r.RealMantissa);
            BigInteger scaled = r.RealExponent >= 0
                ? product << r.RealExponent
                : product >> -r.RealExponent;
            return (int)scaled.GetBitLength() + 1;
        });
    }
}
