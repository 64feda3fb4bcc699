using QSim.Kernels.Datapath;

namespace QSim.Silicon.Rtl;

/// <summary>One lane as a module: a multiplier, and the product's conversion if it has one.
/// </summary>
internal static class LaneModule
{
    /// <summary>The module.</summary>
    public static ModuleText Of(MacLayer layer, MacModules unit)
    {
        var module = new ModuleText(
            $"{unit.Name}_mac_lane",
            layer.Mac.InputOffset == 0
                ? "One multiplier."
                : "One multiplier: input less its offset (the zero point), times weight.");
        module.Input(unit.Input);
        module.Input(unit.Weight);
        int random = unit.RandomBits.Product;
        if (random > 0) module.Input(new("random", random, false));
        module.Output(unit.Product);
        module.Output(new("overflowed", 1, false));
        module.Output(new("inexact", 1, false));
        Wire multiplicand = WriteMultiplicand(module, layer, unit.Input);
        Wire exact = unit.ExactProduct with { Name = "exact" };
        exact = exact with
        {
            Bits = Math.Max(exact.Bits, Math.Max(multiplicand.SignedBits, unit.Weight.SignedBits)),
        };
        module.Let(exact, $"{multiplicand.As(exact.Bits)} * {unit.Weight.As(exact.Bits)}");
        string narrow = exact.Bits == unit.ExactProduct.Bits
            ? exact.Name
            : $"$signed({exact.Name}[{unit.ExactProduct.Bits - 1}:0])";
        if (unit.HasProductRegister)
        {
            string drawn = random > 0 ? ", .random(random)" : "";
            module.Line($"{unit.Name}_product_convert convert (");
            module.Line($"  .value({narrow}){drawn}, .result(product),");
            module.Line("  .overflowed(overflowed), .inexact(inexact));");
            return module;
        }

        module.Drive("product", narrow);
        module.Drive("overflowed", "1'b0");
        module.Drive("inexact", "1'b0");
        return module;
    }

    /// <summary>An input less its offset, where it has one.</summary>
    private static Wire WriteMultiplicand(ModuleText module, MacLayer layer, Wire input)
    {
        long less = layer.Mac.InputOffset;
        if (less == 0) return input;
        int bits = Wire.Of(
            "multiplicand",
            new ExactRange(layer.Facts.Multiplied.Low, layer.Facts.Multiplied.High)).Bits;
        Wire multiplicand = new("multiplicand", Math.Max(bits, input.SignedBits), true);
        Wire offset = multiplicand with { Name = "INPUT_OFFSET" };
        module.Constant(offset, less);
        module.Let(multiplicand, $"{input.As(multiplicand.Bits)} - {offset.Name}");
        return multiplicand;
    }
}
