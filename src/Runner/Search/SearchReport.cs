using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Search;

/// <summary>The report of a search, in no particular format.</summary>
/// <param name="results">What was found.</param>
/// <param name="plan">What was looked for.</param>
/// <param name="commands">How to get it again.</param>
internal sealed class SearchReport(
    SearchResults results, SearchPlan plan, IReadOnlyList<string> commands)
{
    private const int MostCharts = 6, MostListed = 8;

    /// <summary>Points of accuracy below the front that charts show at least.</summary>
    private const double FewestPointsShown = 5;

    private readonly SearchWords _words = new(results, plan);

    private readonly string[] _keys =
        [.. results.Designs.SelectMany(d => d.Keys.Keys).Distinct()];

    public ReportDocument Document() => new(
        $"{results.Study.Name}: the cheapest hardware that still resists",
        $"{results.Study.Network} on {results.Study.Dataset}, {results.Start.Images} test images "
            + $"for the search; start: {results.Start.Name}; objectives: "
            + $"{Words.List([.. plan.Objectives.Select(o => o.Name)])}"
            + (plan.Constraints.Count > 0
                ? $"; constraints: {string.Join("; ", plan.Constraints)}"
                : ""),
        [
            new("result", "Result",
            [
                .. _words.Lead().Select(l => new Paragraph(l) { Emphasis = Emphasis.Lead }),
                .. _words.Doubt() is { } doubt
                    ? [new Paragraph(doubt) { Emphasis = Emphasis.Warning }]
                    : Array.Empty<ReportBlock>(),
                .. Charts(), FrontTable(), new Paragraph(Legend()),
            ]),
            .. results.Front.Select(Section),
            new("reproduce", "The same again", [new Bullets(commands)]),
            new("designs", "Every design that was looked at", [AllTable()]),
        ]);

    /// <summary>The front: what each sets and comes to.</summary>
    public Table FrontTable()
    {
        string[] held = [.. results.Front.SelectMany(d => d.HeldBack.Keys).Distinct()];
        string[] figures = [.. results.Start.Figures.Keys];
        return new(
            "The front; accuracies in % on the search's images, then on the images held back",
            [
                "design", .. figures.Select(Named), .. held.Select(h => $"{h}, held back"),
                .. _keys,
            ],
            [
                .. results.Front.Prepend(results.Start).Select(d => (Cell[])
                [
                    d.Name,
                    .. figures.Select(f => Number(d.Figures, f)),
                    .. held.Select(h => Number(d.HeldBack, h)),
                    .. _keys.Select(k => (Cell)d.Keys.GetValueOrDefault(k, "as it is")),
                ]),
            ])
        {
            Title = "front",
            KeyColumns = 1,
        };
    }

    private string Named(string figure) =>
        plan.Metrics.First(m => m.Name == figure) is { IsModelled: true } modelled
            ? $"~{figure}, {modelled.Unit}"
            : figure;

    private string Legend() =>
        (plan.Metrics.Any(m => m.IsModelled)
            ? "~ says the fitted model of 'qsim cost' (osu018 cells), the same on every machine: "
                + "it tells designs apart that differ by a factor. "
            : "")
        + "The front's accuracies on the search's images are a selection, so luck is in them; "
        + "those on the images held back were measured once, after the search. Their run, with "
        + $"intervals, checks of the attacks and events, is in {SearchFolder.FrontFolder}/.";

    private IEnumerable<Figure> Charts()
    {
        Metric[] accuracies = [.. plan.Objectives.Where(o => o.IsAccuracy)];
        Metric[] costs = [.. plan.Objectives.Where(o => !o.IsAccuracy)];
        (Metric X, Metric Y)[] pairs = costs.Length > 0 && accuracies.Length > 0
            ? [.. costs.SelectMany(_ => accuracies, (c, a) => (c, a))]
            : [.. plan.Objectives.Skip(1).Select(o => (plan.Objectives[0], o))];
        return pairs.Take(MostCharts).Select(p => Chart(p.X, p.Y));
    }

    private Figure Chart(Metric x, Metric y)
    {
        var points = new List<ScatterPoint>();
        Add(results.Designs.Where(d => d.Fate == DesignFate.Whole), 0, _ => null);
        Add(results.Front, 1, d => d.Name);
        Add(
            results.Front.Select(d => d with
            {
                Figures = d.Figures.ToDictionary(
                    f => f.Key, f => d.HeldBack.GetValueOrDefault(f.Key, f.Value)),
            }).Where(d => d.HeldBack.Count > 0), 2, d => d.Name);
        Add([results.Start], 3, _ => null);
        var chart = new ScatterChart
        {
            Id = $"front-{x.Name}-{y.Name}".Replace(' ', '-'),
            Title = $"{y.Name} over {x.Name}",
            XLabel = $"{x.Name}, {x.Unit}",
            YLabel = $"{y.Name}, {y.Unit}",
            Groups = ["measured", "front", "front, held back", "start"],
            Points = points,
            Stair = plan.Objectives.Count == 2 ? 1 : -1,
            Main = 1,
            Faint = 0,
            Least = Least(y, points),
        };
        return new(
            chart.Draw(),
            $"{y.Name} over {x.Name}: designs that were measured whole, the front, the same on "
                + "images held back, and the start. A point of the front leads to what is said of "
                + "it."
                + (chart.Below > 0
                    ? $" {Words.Plural(chart.Below, "design")} further below not shown."
                    : ""))
        {
            Plot = chart.Data(),
        };

        void Add(IEnumerable<FoundDesign> designs, int group, Func<FoundDesign, string?> link)
        {
            foreach (FoundDesign d in designs)
                if (d.Figures.TryGetValue(x.Name, out double at)
                    && d.Figures.TryGetValue(y.Name, out double value))
                    points.Add(new(
                        at, value, group, d.Name,
                        $"{d.Name}: {x.Name} {SearchWords.Figure(at)}, {y.Name} "
                            + SearchWords.Figure(value), link(d)));
        }
    }

    /// <summary>
    /// Accuracies far below the front's would leave no room for the differences that matter.
    /// </summary>
    private static double Least(Metric y, IEnumerable<ScatterPoint> points)
    {
        double[] matter = [.. points.Where(p => p.Group > 0).Select(p => p.Y)];
        return y.IsAccuracy && matter.Length > 0
            ? matter.Min() - Math.Max(FewestPointsShown, (matter.Max() - matter.Min()) / 2)
            : double.NegativeInfinity;
    }

    private ReportSection Section(FoundDesign design, int index) => new(
        design.Name, design.Name,
        [
            new Paragraph(
                $"{SearchFolder.ProfileFolder}/{design.Name}.yaml. "
                    + (design.Bought.Count == 0 ? "It is the start." : "It sets:")),
            .. design.Bought.Count == 0 ? Array.Empty<ReportBlock>() :
            [
                new Table(
                    "What each key that differs from the start brings: figures of the design less "
                        + "those with that key as the start has it",
                    [
                        "key", "value",
                        .. results.Start.Figures.Keys.Where(f =>
                            design.Bought.Any(b => b.Figures.ContainsKey(f))),
                    ],
                    [
                        .. design.Bought.Select(b => (Cell[])
                        [
                            b.Key, b.Value,
                            .. results.Start.Figures.Keys
                                .Where(f => design.Bought.Any(o => o.Figures.ContainsKey(f)))
                                .Select(f => b.Figures.TryGetValue(f, out double by)
                                    ? Cell.Number(SearchWords.Signed(Math.Round(by, 2)), by)
                                    : (Cell)"–"),
                        ]),
                    ]),
            ],
        ])
    {
        IsListed = results.Front.Count <= MostListed || index == 0
            || index == results.Front.Count - 1,
    };

    private Table AllTable() => new(
        "In the order in which they were looked at",
        ["design", "came to", "why no further", "images", .. results.Start.Figures.Keys],
        [
            .. results.Designs.Select(d => (Cell[])
            [
                d.Name, EnumWord.Of(d.Fate), d.Reason, Cell.Number(d.Images),
                .. results.Start.Figures.Keys.Select(f => Number(d.Figures, f)),
            ]),
        ])
    {
        IsFolded = true,
    };

    private static Cell Number(IReadOnlyDictionary<string, double> figures, string name) =>
        figures.TryGetValue(name, out double figure)
            ? Cell.Number(SearchWords.Figure(figure), figure)
            : "–";
}
