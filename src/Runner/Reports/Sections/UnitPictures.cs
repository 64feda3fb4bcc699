using System.Globalization;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Silicon;

namespace QSim.Runner.Reports.Sections;

/// <summary>Block diagrams of the profiles' multiply-accumulate units.</summary>
internal static class UnitPictures
{
    /// <summary>One per kind of unit: its widths, and the profiles that have it.</summary>
    public static Gallery Of(ILookup<string, LayerFacts> layers) => new(
    [
        .. layers.Select(p => (Profile: p.Key, Widest: p.MaxBy(l => l.Depth)!))
            .GroupBy(p => (
                p.Widest.InputBits, p.Widest.WeightBits, p.Widest.AccumulatorBits,
                p.Widest.Overflow, p.Widest.OutputBits))
            .Select((g, i) => new Figure(
                Picture($"unit{i}", g.First().Widest),
                $"{Words.List([.. g.Select(p => p.Profile)])}: layer {g.First().Widest.Layer}, "
                    + "the longest sums. Widths in bits; a triangle is a register.")
            {
                IsWide = true,
                Plot = Charts.PlotData.OfPicture($"unit-{i + 1}"),
            }),
    ]);

    private static System.Xml.Linq.XElement Picture(string id, LayerFacts layer)
    {
        int product = layer.InputBits + layer.WeightBits;
        return BlockDiagram.Of(
            id, $"{layer.Profile}, {layer.Layer}: multiply, accumulate, requantize",
            string.Create(
                CultureInfo.InvariantCulture, $"x {layer.InputBits}, w {layer.WeightBits}"),
            [
                new(
                    "multiplier",
                    [
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{layer.InputBits} x {layer.WeightBits} bits"),
                    ], product),
                new(
                    "accumulator",
                    [layer.Overflow, $"{layer.Depth} products", "an output"],
                    layer.AccumulatorBits, IsRegister: true, FeedsBack: true),
                new("requantize", [], layer.OutputBits),
            ]);
    }
}
