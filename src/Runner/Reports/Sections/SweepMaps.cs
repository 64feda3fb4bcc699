using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>Accuracy over two swept keys, a map per budget.</summary>
/// <param name="data">The report's data.</param>
/// <param name="layout">What is on which axis.</param>
internal sealed class SweepMaps(ReportData data, SweepLayout layout)
{
    private readonly ILookup<string, AccuracyCell> _cells = data.Cells.ToLookup(c => c.Target);

    /// <summary>The pictures; those of nothing measured are left out.</summary>
    public IEnumerable<Figure> Figures() =>
        from picture in layout.Pictures().Index()
        from budget in SweepBudget.Of(data)
        let map = Map(picture.Item, picture.Index, budget)
        where map.Fields.Count > 0
        select new Figure(map.Draw(), Caption(picture.Item.Key, budget)) { Plot = map.Data() };

    private HeatMap Map(IGrouping<string, string> targets, int index, SweepBudget budget)
    {
        var (x, y) = (layout.Grid.Factors[layout.X], layout.Grid.Factors[layout.Lines[0]]);
        double? reference = Accuracy(AccuracyCell.FloatTarget, budget);
        return new()
        {
            Id = $"map-{index + 1}-{budget.Id}",
            Title = $"Accuracy over {x.Key} and {y.Key}, {budget.Title(data)}"
                + (targets.Key.Length > 0 ? $", {targets.Key}" : ""),
            XLabel = x.Key,
            YLabel = y.Key,
            Columns = x.Levels,
            Rows = y.Levels,
            Tolerance = data.Study.Settings.Points / 100,
            Reference = reference ?? 1,
            Fields =
            [
                .. from target in targets
                   let accuracy = Accuracy(target, budget)
                   where accuracy is not null
                   let levels = layout.Grid.LevelsOf(target)
                   select new HeatField(
                       levels[layout.X], levels[layout.Lines[0]], accuracy.Value),
            ],
        };
    }

    private double? Accuracy(string target, SweepBudget budget) =>
        _cells[target].Where(budget.Has).Select(c => (double?)c.Accuracy).Average();

    private string Caption(string panel, SweepBudget budget) =>
        $"{char.ToUpperInvariant(budget.Title(data)[0])}{budget.Title(data)[1..]}"
            + (panel.Length > 0 ? $", {panel}" : "")
            + ": accuracy in %; the darker, the further below float. A frame: within "
            + $"{SweepWords.Points(data.Study.Settings.Points)} of it.";
}
