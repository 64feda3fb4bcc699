using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports.Sections;

/// <summary>Accuracy over the values of a swept key, a picture per budget.</summary>
/// <param name="data">The report's data.</param>
/// <param name="layout">What is on which axis.</param>
internal sealed class SweepCurves(ReportData data, SweepLayout layout)
{
    private readonly SweepFactor _x = layout.Grid.Factors[layout.X];
    private readonly ILookup<string, AccuracyCell> _cells = data.Cells.ToLookup(c => c.Target);

    /// <summary>The pictures; those of nothing measured are left out.</summary>
    public IEnumerable<Figure> Figures() =>
        from picture in layout.Pictures().Index()
        from budget in SweepBudget.Of(data)
        let chart = Chart(picture.Item, picture.Index, budget)
        where chart is not null
        select new Figure(chart.Draw(), Caption(picture.Item.Key, budget))
        {
            Plot = chart.Data(),
        };

    private LineChart? Chart(IGrouping<string, string> targets, int index, SweepBudget budget)
    {
        var places = Places.Of(_x);
        (string Name, string[] Targets)[] lines = [.. layout.LinesOf(targets)];
        Curve[] curves =
        [
            .. lines.Select((line, i) => new Curve(
                line.Name.Length > 0 ? line.Name : _x.Label, new Style(i + 1),
                [
                    .. from target in line.Targets
                       let cells = Cells(target, budget)
                       where cells.Length > 0
                       select AccuracyPoint.Of(
                           data, places.At[layout.Grid.LevelsOf(target)[layout.X]], cells),
                ]))
                .Where(c => c.Points.Count > 0),
        ];
        if (curves.Length == 0) return null;
        AccuracyCell[] of = Cells(AccuracyCell.FloatTarget, budget);
        return new()
        {
            Id = $"sweep-{index + 1}-{budget.Id}",
            Title = $"Accuracy over {_x.Key}, {budget.Title(data)}"
                + (targets.Key.Length > 0 ? $", {targets.Key}" : ""),
            XLabel = _x.Key,
            Places = places,
            Curves = of.Length > 0 ? [Float(places, of), .. curves] : curves,
            Bands = of.Length > 0 ? [Tolerance(of.Average(c => c.Accuracy))] : [],
            Flags = [.. Flags(places, lines)],
            Marks = [.. Marks(places, lines, budget)],
            MarksTitle = $"smallest within {Points} of float, "
                + (data.HasSeeds ? "mean and range over seeds" : "95 % interval"),
            NoMark = "none is",
            IsSmall = true,
        };
    }

    private AccuracyCell[] Cells(string target, SweepBudget budget) =>
        [.. _cells[target].Where(budget.Has)];

    private Curve Float(Places places, AccuracyCell[] cells) => new(
        AccuracyCell.FloatTarget, new Style(0),
        [.. places.At.Select(at => AccuracyPoint.Of(data, at, cells))])
    {
        IsPredicted = true,
    };

    private string Points => SweepWords.Points(data.Study.Settings.Points);

    private AccuracyBand Tolerance(double accuracy) => new(
        Math.Max(0, accuracy - (data.Study.Settings.Points / 100)), accuracy,
        $"within {Points} of float");

    private IEnumerable<SmallestValue> Found((string Name, string[] Targets) line) =>
        data.Results.SmallestValues!.Where(v =>
            v.Key == _x.Key && v.Reference == AccuracyCell.FloatTarget
            && v.Others == layout.Grid.Others(line.Targets[0], layout.X));

    /// <summary>Where overflow ends, by proof and for the calibration images.</summary>
    private IEnumerable<AxisFlag> Flags(Places places, (string, string[])[] lines)
    {
        if (data.Results.SmallestValues is null) return [];
        // Of the first seed: what is proved of a network is of its weights.
        SmallestValue[] all =
            [.. lines.SelectMany(Found).Where(v => v.Seed == data.Study.Settings.Seed)];
        return
            from flag in all.Select(v => (At: v.NeverOverflows, Text: "no overflow: proof"))
                .Concat(all.Select(v => (At: v.NotInCalibration, Text: "calibration")))
                .Distinct()
            where flag.At is not null && flag.At != _x.Levels[0]
            select new AxisFlag(places[flag.At], flag.Text);
    }

    private IEnumerable<AxisMark> Marks(
        Places places, (string Name, string[] Targets)[] lines, SweepBudget budget)
    {
        if (data.Results.SmallestValues is null) yield break;
        foreach ((int i, (string Name, string[]) line) in lines.Index())
            foreach (SmallestOverSeeds seeds in SmallestOverSeeds.Of(
                Found(line).Where(budget.Has)))
            {
                (string name, Style style, SmallestValue v) =
                    (line.Name, new(i + 1), seeds.First);
                yield return data.HasSeeds
                    ? new(
                        name, style, seeds.Found?.Mean, seeds.Found?.Lowest, seeds.Found?.Highest,
                        $"{name} {seeds}".Trim())
                    : new(
                        name, style, At(v.Value), At(v.Low95), At(v.High95),
                        $"{name} {SweepWords.Of(v)}".Trim());
            }

        double? At(string? value) => value is null ? null : places[value];
    }

    private string Caption(string panel, SweepBudget budget) =>
        $"{char.ToUpperInvariant(budget.Title(data)[0])}{budget.Title(data)[1..]}"
            + (panel.Length > 0 ? $", {panel}" : "")
            + $": accuracy over {_x.Key}. The thin line is the float network, the shaded band "
            + $"below it {Points}; "
            + (data.HasSeeds ? "bands are ranges over seeds." : "bands are 95 % Wilson intervals.");
}
