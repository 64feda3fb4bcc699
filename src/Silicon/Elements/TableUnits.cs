using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon.Elements;

/// <summary>
/// Circuits of tables: a memory of converted entries, addressed by the raw input, or where that has
/// too many values, by the index that the table's rule makes of it.
/// </summary>
internal static class TableUnits
{
    private const int MostAddressBits = 12;

    /// <summary>Null where a table has a circuit, else why it has none.</summary>
    public static string? WhyNot(LookupLayer layer) =>
        Addressed(layer) > 1 << MostAddressBits
            ? $"a table of {layer.Table.Length} entries (at most {1 << MostAddressBits})"
            : null;

    /// <summary>The circuit.</summary>
    public static ElementUnit Of(LookupLayer layer, string name)
    {
        Wire x = ElementUnit.Of("x", layer.Input);
        Wire result = ElementUnit.Of("result", layer.Output);
        ModuleText module = ElementUnit.Module(
            name, $"A table of {Addressed(layer)} entries, converted into the output's format.",
            [x], result);
        Wire address = IsDirect(layer) ? x : WriteIndex(module, layer, x);
        int bits = result.Bits + 2;
        module.Line($"logic [{bits - 1}:0] entry;");
        module.Line("always_comb");
        module.Line($"  case ({address.Name})");
        long first = IsDirect(layer) ? layer.Input.MinRaw : 0;
        for (long at = first; at < first + Addressed(layer); at++)
            module.Line($"    {Wire.Literal(at, address.Bits)}: entry = {Row(layer, at, bits)};");
        module.Line($"    default: entry = {Wire.Literal(0, bits)};");
        module.Line("  endcase");
        module.Drive("result", $"entry[{bits - 1}:2]");
        module.Drive("overflowed", "entry[1]");
        module.Drive("inexact", "entry[0]");
        return new(
            $"table of {Addressed(layer)} x {result.Bits} bits", [x], result, [module],
            (inputs, flat) => [(inputs[0][flat], x.Bits)]);
    }

    private static bool IsDirect(LookupLayer layer) => layer.Input.Bits <= MostAddressBits;

    private static long Addressed(LookupLayer layer) =>
        IsDirect(layer) ? 1L << layer.Input.Bits : layer.Table.Length;

    /// <summary>The entry at an address, converted, its flags in the lowest bits.</summary>
    private static string Row(LookupLayer layer, long address, int bits)
    {
        int index = IsDirect(layer)
            ? layer.Index.Of(address, layer.Table.Length)
            : (int)address;
        ConversionEvents events = ConversionEvents.None;
        long value = Conversion.Convert(layer.Table[index], layer.Conversion, ref events);
        long flags = ((events & ConversionEvents.Overflowed) != 0 ? 2 : 0)
            + ((events & ConversionEvents.Inexact) != 0 ? 1 : 0);
        return Wire.Literal(((BigInteger)value << 2) + flags, bits);
    }

    /// <summary>The index: scaled and moved, divided, rounded, kept inside the table.</summary>
    private static Wire WriteIndex(ModuleText module, LookupLayer layer, Wire x)
    {
        TableIndex index = layer.Index;
        ExactRange ratio =
            ((ExactRange.Of(layer.Input) + -index.Origin) * index.Numerator) + index.Addend;
        int bits = Math.Max(
            ratio.Bits,
            Math.Max(x.SignedBits, ((ExactRange)index.Addend).Bits)
                + ((ExactRange)index.Numerator).Bits) + 1;
        Wire scaled = new("scaled", bits, true);
        module.Let(
            scaled,
            $"({x.As(bits)} - {Wire.SignedLiteral(index.Origin, bits)})"
                + $" * {Wire.SignedLiteral(index.Numerator, bits)}"
                + $" + {Wire.SignedLiteral(index.Addend, bits)}");
        Wire rounded = default;
        module.PartlyUsed(() => rounded = BigInteger.IsPow2(index.Denominator)
            ? RoundingText.Round(
                module, scaled, BitOperations.Log2((ulong)index.Denominator), index.Rounding)
            : DivisionText.Round(module, scaled, [index.Denominator], default, index.Rounding));
        int last = layer.Table.Length - 1;
        ExactRange ends = new ExactRange(0, last).Or(index.Offset);
        Wire moved = new("moved_index", Math.Max(rounded.Bits, ends.Bits) + 1, true);
        module.Let(
            moved,
            $"{rounded.As(moved.Bits)} + {Wire.SignedLiteral(index.Offset, moved.Bits)}");
        Wire address = new(
            "address", (int)Math.Max(1, new BigInteger(last).GetBitLength()), false);
        module.Let(
            address,
            $"{RoundingText.Bit(moved, moved.Bits - 1)} ? {Wire.Literal(0, address.Bits)}\n"
                + $"      : {moved.Name} > {Wire.SignedLiteral(last, moved.Bits)} ? "
                + $"{Wire.Literal(last, address.Bits)}\n"
                + $"      : {moved.Name}[{address.Bits - 1}:0]");
        return address;
    }
}
