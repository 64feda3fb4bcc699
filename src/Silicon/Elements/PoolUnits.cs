using System.Numerics;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>Circuits of pooling windows: all values of a window at once.</summary>
internal static class PoolUnits
{
    /// <summary>Null where an average has a circuit, else why it has none.</summary>
    public static string? WhyNot(AveragePoolLayer layer)
    {
        int taps = Taps(layer.Geometry);
        bool isFull = Enumerable.Range(0, layer.Output.Shape.Positions).All(p =>
            Window(layer.Geometry, layer.Input.Shape, layer.Output.Shape, p).All(i => i >= 0));
        return layer.Unit.Real.IsUsed != 0 || layer.Unit.Reciprocal.Significand != 0
                ? "a mean in float32 has no circuit here"
            : layer.Unit.HasRegister != 0
                ? "an average whose sum passes through a register has no circuit here"
            : layer.Unit.Multiplier != 0 ? null
            : !isFull ? "an average divides by other numbers at the edges: no circuit here"
            : BitOperations.IsPow2(taps) ? null
            : $"an average divides by {taps}: no circuit here";
    }

    /// <summary>The largest value of a window.</summary>
    public static ElementUnit Of(MaxPoolLayer layer, string name)
    {
        int taps = Taps(layer.Geometry);
        Wire value = ElementUnit.Of("x", layer.Input);
        Wire result = ElementUnit.Of("result", layer.Output);
        Wire[] inputs = Ports(taps, value);
        ModuleText module = ElementUnit.Module(
            name, $"The largest of {taps} values; padding is not valid.", inputs, result);
        module.Line($"{value.Type} largest;");
        module.Line("logic found;");
        module.Line("integer i;");
        module.Line("always_comb begin");
        module.Line("  largest = '0;");
        module.Line("  found = 1'b0;");
        module.Line($"  for (i = 0; i < {taps}; i = i + 1)");
        module.Line($"    if (valid[i] && (!found || {Tap(value)} > largest)) begin");
        module.Line($"      largest = {Tap(value)};");
        module.Line("      found = 1'b1;");
        module.Line("    end");
        module.Line("end");
        module.Drive("result", "largest");
        module.Drive("overflowed", "1'b0");
        module.Drive("inexact", "1'b0");
        return new(
            $"largest of {taps} x {value.Bits} bits", inputs, result, [module],
            Operands(layer.Geometry, layer.Input, layer.Output));
    }

    /// <summary>The mean of a window.</summary>
    public static ElementUnit Of(AveragePoolLayer layer, string name)
    {
        int taps = Taps(layer.Geometry);
        Wire value = ElementUnit.Of("x", layer.Input);
        Wire result = ElementUnit.Of("result", layer.Output);
        Wire[] inputs = Ports(taps, value);
        AverageUnit unit = layer.Unit;
        string how = unit.Multiplier != 0
            ? $"times {unit.Multiplier}, without {unit.Shift} bits"
            : $"over {taps}";
        ModuleText module = ElementUnit.Module(
            name, $"The sum of {taps} values {how}; padding is not valid.", inputs, result);
        Wire sum = Wire.Of("sum", ExactRange.Of(layer.Input) * taps);
        module.Line($"{sum.Type} sum;");
        module.Line("integer i;");
        module.Line("always_comb begin");
        module.Line("  sum = '0;");
        module.Line($"  for (i = 0; i < {taps}; i = i + 1)");
        string signed = value.IsSigned ? Tap(value) : $"$signed({{1'b0, {Tap(value)}}})";
        module.Line($"    if (valid[i]) sum = sum + {sum.Bits}'({signed});");
        module.Line("end");
        Wire mean = Mean(module, sum, unit, taps);
        FitText.Fit(
            module, mean, RoundingText.Bit(mean, mean.Bits - 1), "1'b0",
            ElementUnits.Saturate(layer.Output));
        module.Drive("inexact", "dropped");
        return new(
            $"mean of {taps} x {value.Bits} bits", inputs, result, [module],
            Operands(layer.Geometry, layer.Input, layer.Output));
    }

    private static Wire Mean(ModuleText module, Wire sum, AverageUnit unit, int taps)
    {
        if (unit.Multiplier == 0)
            return RoundingText.Round(module, sum, BitOperations.Log2((uint)taps), unit.Rounding);
        int bits = sum.Bits + (int)new BigInteger(unit.Multiplier).GetBitLength() + 1;
        Wire product = new("product", bits, true);
        module.Let(
            product, $"{sum.As(bits)} * {Wire.SignedLiteral(unit.Multiplier, bits)}");
        return RoundingText.Round(module, product, unit.Shift, unit.Rounding);
    }

    private static int Taps(WindowGeometry window) =>
        Sizes.Weights(window.KernelRows, window.KernelColumns);

    private static Wire[] Ports(int taps, Wire value) =>
    [
        new("x", taps * value.Bits, false, IsVector: true),
        new("valid", taps, false, IsVector: true),
    ];

    private static string Tap(Wire value)
    {
        string bits = value.Bits == 1 ? "x[i]" : $"x[i*{value.Bits} +: {value.Bits}]";
        return value.IsSigned ? $"$signed({bits})" : bits;
    }

    /// <summary>Indices of the values under a window, by plane; -1 in the padding.</summary>
    private static IEnumerable<int> Window(
        WindowGeometry window, TensorShape from, TensorShape to, int position)
    {
        for (int r = 0; r < window.KernelRows; r++)
            for (int c = 0; c < window.KernelColumns; c++)
            {
                int row = window.InputRow(position / to.Columns, r);
                int column = window.InputColumn(position % to.Columns, c);
                bool inside = row >= 0 && row < from.Rows && column >= 0 && column < from.Columns;
                yield return inside ? (row * from.Columns) + column : -1;
            }
    }

    private static Func<long[][], int, IEnumerable<(long Value, int Bits)>> Operands(
        WindowGeometry window, TensorType from, TensorType to) => (inputs, flat) =>
        {
            int plane = flat / to.Shape.Positions * from.Shape.Positions;
            int[] at =
                [.. Window(window, from.Shape, to.Shape, flat % to.Shape.Positions)];
            return at.Select(i => (i < 0 ? 0 : inputs[0][plane + i], from.Bits))
                .Concat(at.Select(i => (i < 0 ? 0L : 1L, 1)));
        };
}
