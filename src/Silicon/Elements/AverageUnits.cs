using System.Numerics;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>
/// Circuits of averages over windows: the sum, through a register where the unit has one, and what
/// stands for the division.
/// </summary>
internal static class AverageUnits
{
    /// <summary>Null where an average has a circuit, else why it has none.</summary>
    public static string? WhyNot(AveragePoolLayer layer) =>
        layer.Unit.Real.IsUsed != 0
            ? "an average whose sum is in float32 (average_division: float32) has no circuit here"
        : layer.Unit.Offset.Significand != 0
            ? "an average whose zero point is added in float32 has no circuit here"
        : layer.Unit.Reciprocal.Significand != 0
            ? ElementRequantize.WhyNot(layer, Reciprocal(layer), Centred(layer).Bits)
        : null;

    /// <summary>The mean of a window.</summary>
    public static ElementUnit Of(AveragePoolLayer layer, string name)
    {
        int taps = PoolWindow.Taps(layer.Geometry);
        AverageUnit unit = layer.Unit;
        Wire value = ElementUnit.Of("x", layer.Input);
        Wire result = ElementUnit.Of("result", layer.Output);
        Wire[] inputs = PoolWindow.Ports(taps, value);
        ModuleText module = ElementUnit.Module(
            name, $"The sum of {taps} values {Factor(layer)}; padding is not valid.", inputs,
            result);
        List<ModuleText> modules = [];
        Wire? register = null;
        Wire sum;
        if (unit.HasRegister != 0)
        {
            register = Wire.Of("accumulator", unit.Register);
            modules.AddRange(RegisterSum.Modules(unit.Register, value, name));
            sum = RegisterSum.Write(module, unit.Register, value, taps, name);
        }
        else
        {
            sum = Wire.Of("sum", ExactRange.Of(layer.Input) * taps);
            WriteSum(module, sum, value, taps);
        }

        if (unit.Reciprocal.Significand != 0)
        {
            modules.AddRange(WriteReciprocal(module, layer, sum, name));
        }
        else
        {
            (Wire mean, string dropped) = Mean(module, layer, sum, taps);
            FitText.Fit(
                module, mean, RoundingText.Bit(mean, mean.Bits - 1), "1'b0",
                ElementUnit.Saturate(layer.Output));
            module.Drive("inexact", dropped);
        }

        return new(
            $"mean of {taps} x {value.Bits} bits {Factor(layer)}", inputs, result,
            [.. modules, module],
            PoolWindow.Operands(layer.Geometry, layer.Input, layer.Output))
        { Register = register };
    }

    private static string Factor(AveragePoolLayer layer) =>
        layer.Unit.Multiplier != 0
            ? $"times {layer.Unit.Multiplier}, without {layer.Unit.Shift} bits"
        : layer.Unit.Reciprocal.Significand != 0 ? "times a float32"
        : $"over {string.Join(" or ", Counts(layer))}";

    private static int[] Counts(AveragePoolLayer layer) =>
        PoolWindow.Counts(layer.Geometry, layer.Input.Shape, layer.Output.Shape);

    private static void WriteSum(ModuleText module, Wire sum, Wire value, int taps)
    {
        module.Line($"{sum.Type} sum;");
        module.Line("always_comb begin");
        module.Line("  sum = '0;");
        module.Line($"  for (int i = 0; i < {taps}; i++)");
        string tap = PoolWindow.Tap(value);
        string signed = value.IsSigned ? tap : $"$signed({{1'b0, {tap}}})";
        module.Line($"    if (valid[i]) sum = sum + {sum.Bits}'({signed});");
        module.Line("end");
    }

    /// <summary>The mean, and the bit that says that something was dropped.</summary>
    private static (Wire Mean, string Dropped) Mean(
        ModuleText module, AveragePoolLayer layer, Wire sum, int taps)
    {
        AverageUnit unit = layer.Unit;
        if (unit.Multiplier != 0)
        {
            int bits = sum.Bits + (int)new BigInteger(unit.Multiplier).GetBitLength() + 1;
            Wire product = new("product", bits, true);
            Wire multiplier = new("MULTIPLIER", bits - sum.Bits, true);
            module.Constant(multiplier, unit.Multiplier, "instead of a division");
            module.Let(product, $"{sum.As(bits)} * {multiplier.As(bits)}");
            return (
                RoundingText.Round(module, product, unit.Shift, unit.Rounding),
                RoundingText.Dropped(unit.Shift));
        }

        int[] counts = Counts(layer);
        if (counts.Length == 1 && BitOperations.IsPow2(counts[0]))
        {
            int shift = BitOperations.Log2((uint)counts[0]);
            return (
                RoundingText.Round(module, sum, shift, unit.Rounding),
                RoundingText.Dropped(shift));
        }

        BigInteger[] divisors = [.. counts.Select(c => new BigInteger(c))];
        Wire count = new("count", DivisionText.Bits(divisors), false, IsVector: true);
        if (counts.Length > 1) WriteCount(module, count, taps);
        return (DivisionText.Round(module, sum, divisors, count, unit.Rounding), "dropped");
    }

    /// <summary>At the image's edge windows cover fewer values.</summary>
    private static void WriteCount(ModuleText module, Wire count, int taps)
    {
        module.Line($"{count.Type} count;");
        module.Line("always_comb begin");
        module.Line("  count = '0;");
        module.Line($"  for (int i = 0; i < {taps}; i++)");
        module.Line($"    count = count + {count.Bits}'(valid[i]);");
        module.Line("end");
    }

    /// <summary>The sum less the zero points in it, times a float32, plus one zero point.</summary>
    private static IEnumerable<ModuleText> WriteReciprocal(
        ModuleText module, AveragePoolLayer layer, Wire sum, string name)
    {
        Wire centred = Centred(layer);
        Wire zeros = centred with { Name = "ZERO_POINTS" };
        if (layer.Unit.Zero != 0) module.Constant(zeros, Zeros(layer), "of all values");
        string without = layer.Unit.Zero == 0 ? "" : $" - {zeros.Name}";
        module.Let(centred, sum.As(centred.Bits) + without);
        ModuleText[] modules =
        [
            .. ElementRequantize.Write(
                module, layer, Reciprocal(layer), centred, name, new("result", "overflowed")),
        ];
        module.Drive("inexact", "requantize_inexact");
        return modules;
    }

    private static BigInteger Zeros(AveragePoolLayer layer) =>
        (BigInteger)layer.Unit.Zero * PoolWindow.Taps(layer.Geometry);

    private static Wire Centred(AveragePoolLayer layer)
    {
        ExactRange sum = layer.Unit.HasRegister != 0
            ? ExactRange.Of(layer.Unit.Register)
            : ExactRange.Of(layer.Input) * PoolWindow.Taps(layer.Geometry);
        ExactRange centred = new(sum.Low - Zeros(layer), sum.High - Zeros(layer));
        return Wire.Of("centred", centred.Or(sum));
    }

    private static Requantization Reciprocal(AveragePoolLayer layer) => new()
    {
        Kind = RequantizationKind.Real,
        Output = ElementUnit.Saturate(layer.Output) with { Rounding = layer.Unit.Rounding },
        RealScale = (float)Math.ScaleB(
            (double)layer.Unit.Reciprocal.Significand, layer.Unit.Reciprocal.Exponent),
        ZeroPoint = layer.Unit.Zero,
        ClampMin = long.MinValue,
        ClampMax = long.MaxValue,
    };
}
