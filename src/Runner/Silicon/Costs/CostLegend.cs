using System.Globalization;

namespace QSim.Runner.Silicon.Costs;

/// <summary>What the figures of a cost report mean, and where they are from.</summary>
internal static class CostLegend
{
    /// <summary>Its lines.</summary>
    public static IEnumerable<string> Of(CostReport report)
    {
        CostTarget target = report.Target;
        EnergyConstants energy = report.Request.Constants;
        bool isAsic = target == CostTarget.Asic;
        if (report.IsMeasured) yield return $"measured with {report.Versions}";
        if (isAsic)
        {
            yield return report.Request.Tools.Library is { IsShipped: false } own
                ? $"cells of {own.Name} ({own.File})"
                : $"cells of {CostModel.Shipped.Library}, a public 0.18 um library: for comparing; "
                    + "your process: --liberty";
            yield return "area: cells without wires. path: the slowest, operands to register or "
                + "register to register, setup";
            yield return "included; requantize has no register. pJ per use: of one update (all "
                + "lanes), or of one output, with";
            yield return "the transitions of real operands and without glitches and clock tree.";
        }

        string[] missing = [.. report.Request.Tools.Missing(target)];
        if (missing.Length > 0) yield return $"not installed: {string.Join(", ", missing)}";
        int n = report.Profiles.SelectMany(p => p.Units)
            .Count(u => u.Shape.MultiplierBitsOfAll > CostMeter.MostMultiplierBits);
        if (n > 0)
            yield return $"{n} {(n == 1 ? "unit has" : "units have")} more than 64 multipliers of "
                + "8x8 bits: not synthesised";
        if (report.IsModelled) foreach (string line in Model(target)) yield return line;
        yield return "one image: convolutions and dense layers. On chip: both factors of every "
            + "product read, outputs";
        yield return "written, no reuse; off chip: parameters, image and logits once. units: as "
            + "above, in their own";
        yield return $"process. 45 nm: {EnergyConstants.Source}, by width,";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{energy.OnChip:0.###} pJ a bit on chip, {energy.OffChip:0.##} off chip "
                + $"(--on-chip-pj, --off-chip-pj).");
        foreach (var reason in report.Without.DistinctBy(w => (w.Layer, w.Reason)))
            yield return $"not counted: {reason.Layer}: {reason.Reason}";
    }

    private static IEnumerable<string> Model(CostTarget target)
    {
        CostModel model = CostModel.Shipped;
        yield return $"~ says the model that bench/Silicon/fit.py fitted with {model.Tools};";
        yield return "its error on profiles that it has not seen "
            + $"({model.HeldBack.Split(',').Length} of those that ship), median and worst:";
        foreach (CostFit fit in model.Of(target))
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"  {fit.Part} {fit.Column}: {100 * fit.MedianError:F0} %, "
                    + $"{100 * fit.WorstError:F0} % ({fit.HeldBack} units)");
    }
}
