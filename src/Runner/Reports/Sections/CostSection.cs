using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>What each profile's multiply-accumulate units do for one image.</summary>
internal static class CostSection
{
    /// <summary>The section; null while no program was looked at.</summary>
    public static ReportSection? Of(ReportData data)
    {
        ILookup<string, LayerFacts> layers = data.FirstSeedLayers.ToLookup(l => l.Profile);
        if (layers.Count == 0) return null;
        double dearest = layers.Max(p => p.Sum(l => l.BitOperations));
        return new(
            "cost",
            "Cost",
            [
                new Paragraph(
                    "Multiply-accumulates of one image, and the same times the bits of weight and "
                        + "activation: what one-bit multipliers would have to do. It says nothing "
                        + "of memory, timing or energy, which QSim does not simulate."),
                UnitPictures.Of(layers),
                .. CircuitCosts.Of(data),
                new Table(
                    "Widths and work per profile, layers together",
                    [
                        "profile",
                        "weight bits",
                        "activation bits",
                        "accumulator bits",
                        "on overflow",
                        "MACs",
                        "MACs x bits x bits",
                        "relative to the largest, %",
                        "clean accuracy, %",
                        Deciding(data),
                    ],
                    [
                        .. data
                            .Profiles.Where(layers.Contains)
                            .Select(p => Row(data, p, [.. layers[p]], dearest)),
                    ]),
                new Table(
                    "The same, layer by layer",
                    [
                        "profile",
                        "layer",
                        "products per output",
                        "weight bits",
                        "activation bits",
                        "output bits",
                        "MACs",
                        "MACs x bits x bits",
                    ],
                    [
                        .. data
                            .Profiles.SelectMany(p => layers[p])
                            .Select(l =>
                                (Cell[])
                                    [
                                        l.Profile,
                                        l.Layer,
                                        Cell.Number(l.Depth),
                                        Cell.Number(l.WeightBits),
                                        Cell.Number(l.InputBits),
                                        Cell.Number(l.OutputBits),
                                        Cell.Number(l.Macs),
                                        Cell.Number(l.BitOperations),
                                    ]),
                    ])
                {
                    IsFolded = true,
                },
            ]);
    }

    private static Cell[] Row(ReportData data, string profile, LayerFacts[] layers, double dearest)
    {
        long work = layers.Sum(l => l.BitOperations);
        return
        [
            profile,
            Range(layers.Select(l => l.WeightBits)),
            Range(layers.Select(l => l.InputBits)),
            Range(layers.Select(l => l.AccumulatorBits)),
            Words.List([.. layers.Select(l => l.Overflow).Distinct()]),
            Cell.Number(layers.Sum(l => l.Macs)),
            Cell.Number(work),
            Cell.Number(Words.Percent(work / dearest), work / dearest),
            Accuracy(data.Cells.Where(c => c.Target == profile && c.Threat is null)),
            Accuracy(Middle(data, profile)),
        ];
    }

    private static Cell Range(IEnumerable<int> bits)
    {
        int[] all = [.. bits.Distinct().Order()];
        return Cell.Number(all.Length == 1 ? $"{all[0]}" : $"{all[0]}–{all[^1]}", all[0]);
    }

    private static Cell Accuracy(IEnumerable<AccuracyCell> cells) =>
        cells.ToArray() is { Length: > 0 } all
            ? Cell.Number(Words.Percent(all.Average(c => c.Accuracy)), all.Average(c => c.Accuracy))
            : "–";

    private static string Deciding(ReportData data) => MiddleBudget(data) is { } epsilon
        ? $"{data.DecidingAttack} at {epsilon}, %"
        : "under attack, %";

    private static IEnumerable<AccuracyCell> Middle(ReportData data, string profile) =>
        data.Cells.Where(c =>
            IsDeciding(data, c) && c.Target == profile && c.Epsilon == MiddleBudget(data));

    /// <summary>The budget in the middle of those that every target met.</summary>
    private static string? MiddleBudget(ReportData data)
    {
        string[] met =
        [
            .. data
                .Cells.Where(c => IsDeciding(data, c))
                .GroupBy(c => c.EpsilonValue)
                .OrderBy(g => g.Key)
                .Select(g => g.First().Epsilon),
        ];
        return met.Length == 0 ? null : met[Budgets.Middle(met.Length)];
    }

    private static bool IsDeciding(ReportData data, AccuracyCell cell) =>
        cell.Threat == data.Study.Settings.Threats[0] && cell.Attack == data.DecidingAttack;
}
