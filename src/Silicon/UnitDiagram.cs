using System.Globalization;
using System.Xml.Linq;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Silicon.Rtl;

namespace QSim.Silicon;

/// <summary>The block diagram of one layer's unit.</summary>
internal static class UnitDiagram
{
    /// <summary>The picture.</summary>
    public static XElement Of(MacLayer layer, MacModules unit) => BlockDiagram.Of(
        unit.Name, $"{unit.Name}: multiply, accumulate, requantize",
        string.Create(
            CultureInfo.InvariantCulture, $"x {unit.Input.Bits}, w {unit.Weight.Bits}"),
        [.. Boxes(layer, unit)]);

    private static IEnumerable<DiagramBox> Boxes(MacLayer layer, MacModules unit)
    {
        MacSpec mac = layer.Mac;
        string offset = mac.InputOffset == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"x less {mac.InputOffset}");
        yield return new(
            unit.Lanes == 1 ? "multiplier" : $"{unit.Lanes} multipliers",
            Lines($"{unit.Input.Bits} x {unit.Weight.Bits} bits", offset),
            unit.ExactProduct.Bits);
        if (unit.HasProductRegister)
            yield return new("product", Modes(mac.Product), unit.Product.Bits);
        if (unit.Lanes > 1) yield return new("adder tree", ["exact"], unit.Partial.Bits);
        string bias = unit.BiasCycle ? "bias last" : "starts from bias";
        yield return new(
            "accumulator",
            [.. Modes(mac.Update), bias, .. Lines(unit.IsAtEnd ? "converted at the end" : "")],
            unit.Accumulator.Bits, IsRegister: true, FeedsBack: true);
        Requantization first = layer.Requantization[0];
        string kind = first.Kind switch
        {
            RequantizationKind.Shift => "shift",
            RequantizationKind.MultiplierDouble => "multiplier, 2 roundings",
            RequantizationKind.MultiplierSingle => "multiplier, 1 rounding",
            RequantizationKind.Real or RequantizationKind.RealOnce => "float32 scale",
        };
        string zero = first.ZeroPoint == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"zero point {first.ZeroPoint}");
        yield return new(
            "requantize",
            [kind, .. Lines(ModeNames.Of(first.Output.Overflow), zero)], layer.Output.Bits);
    }

    private static string[] Modes(ConversionSpec spec) =>
        [ModeNames.Of(spec.Rounding), ModeNames.Of(spec.Overflow)];

    private static string[] Lines(params string[] lines) => [.. lines.Where(l => l.Length > 0)];
}
