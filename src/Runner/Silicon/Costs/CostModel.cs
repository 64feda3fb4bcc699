using QSim.Runner.Output;
using QSim.Silicon.Cost;

namespace QSim.Runner.Silicon.Costs;

/// <summary>One column's fit.</summary>
/// <param name="Target">What it was synthesised for.</param>
/// <param name="Part">The half of the unit.</param>
/// <param name="Column">The figure.</param>
/// <param name="Coefficients">By term (<see cref="CostTerms"/>).</param>
/// <param name="Fitted">Units that it was fitted to.</param>
/// <param name="HeldBack">Units of profiles that it was not fitted to.</param>
/// <param name="MedianError">Relative to what was measured of those, half of them.</param>
/// <param name="WorstError">The same, the worst.</param>
internal sealed record CostFit(
    string Target, string Part, string Column, IReadOnlyDictionary<string, double> Coefficients,
    int Fitted, int HeldBack, double MedianError, double WorstError);

/// <summary>
/// What units cost where nothing can be measured: sums of terms, fitted to measurements by
/// <c>bench/Silicon/fit.py</c>.
/// </summary>
/// <param name="Schema">The version of the file.</param>
/// <param name="Library">The cells that asic was measured with.</param>
/// <param name="Tools">The programs that it was measured with.</param>
/// <param name="HeldBack">The profiles that errors are of.</param>
/// <param name="Fits">One per target, part and column.</param>
internal sealed record CostModel(
    string Schema, string Library, string Tools, string HeldBack, IReadOnlyList<CostFit> Fits)
{
    private const string Resource = "cost-model.json";
    private static readonly Lazy<CostModel> Loaded = new(() =>
    {
        using Stream stream = typeof(CostModel).Assembly.GetManifestResourceStream(Resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Json.Parse<CostModel>(bytes.ToArray());
    });

    /// <summary>The one that ships.</summary>
    public static CostModel Shipped => Loaded.Value;

    /// <summary>Targets that it knows.</summary>
    public IEnumerable<string> Targets => Fits.Select(f => f.Target).Distinct();

    /// <summary>The fits of a target, each column of each part once.</summary>
    public IEnumerable<CostFit> Of(CostTarget target) => Fits.Where(f => f.Target == target.Name);

    /// <summary>A part with modelled figures where it has none.</summary>
    public PartCost Completed(PartCost part, UnitShape unit, CostTarget target)
    {
        var figures = new Dictionary<string, Figure>(part.Figures);
        foreach (CostFit fit in Of(target).Where(f => f.Part == part.Part))
            if (!figures.ContainsKey(fit.Column))
                figures[fit.Column] = new(Value(fit, unit), false);
        return part with { Figures = figures };
    }

    /// <summary>The terms of a part's column.</summary>
    public static IReadOnlyList<(string Name, double Value)> Terms(
        string part, string column, UnitShape unit) => (part, column) switch
        {
            (CostUnit.Accumulate, PartCost.Path) => CostTerms.AccumulatePath(unit),
            (CostUnit.Accumulate, _) => CostTerms.Accumulate(unit),
            (_, PartCost.Path) => CostTerms.RequantizePath(unit),
            _ => CostTerms.Requantize(unit),
        };

    private static double Value(CostFit fit, UnitShape unit)
    {
        double value = Math.Max(0, Terms(fit.Part, fit.Column, unit)
            .Sum(t => t.Value * fit.Coefficients.GetValueOrDefault(t.Name)));
        return fit.Column is PartCost.Path or PartCost.Energy ? value : Math.Round(value);
    }
}
