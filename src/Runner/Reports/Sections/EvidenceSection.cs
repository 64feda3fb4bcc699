using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// What the checks looked at: whose images carry over to whom, smallest changes, what attacks cost.
/// </summary>
internal static class EvidenceSection
{
    /// <summary>Budgets up to which every transfer matrix is open.</summary>
    private const int MostMatrices = 3;

    /// <summary>The section; null where the study has none of it.</summary>
    public static ReportSection? Of(ReportData data)
    {
        var blocks = new List<ReportBlock>();
        blocks.AddRange(Transfers(data));
        if (data.Results.SmallestChanges.Count > 0)
            blocks.Add(Smallest(data));
        if (data.Results.Effort.Count > 0)
            blocks.Add(Effort(data));
        return blocks.Count == 0
            ? null
            : new("evidence", "Transfer, smallest changes, effort", blocks);
    }

    private static IEnumerable<ReportBlock> Transfers(ReportData data)
    {
        if (data.Results.Transfers.Count == 0)
            yield break;
        yield return new Paragraph(
            "Transfer matrices: accuracy of each column on images that were made on each row. A "
                + "column that stands much better on its own images than on those of others hides "
                + "its gradients.");
        foreach (Table matrix in Matrices(data)) yield return matrix;
    }

    /// <summary>
    /// A transfer matrix per attack and budget; of many budgets all but the middle one are folded.
    /// </summary>
    public static IEnumerable<Table> Matrices(ReportData data)
    {
        foreach (var attack in data.Results.Transfers.GroupBy(t => (t.Seed, t.Attack)))
        {
            var budgets = attack.GroupBy(t => t.Epsilon).ToArray();
            int middle = Budgets.Middle(budgets.Length);
            foreach ((int i, var budget) in budgets.Index())
                yield return Matrix(data, [.. budget]) with
                {
                    IsFolded = budgets.Length > MostMatrices && i != middle,
                };
        }
    }

    private static Table Matrix(ReportData data, TransferCell[] cells)
    {
        string[] judges = [.. cells.Select(c => c.Target).Distinct()];
        string seed = data.HasSeeds ? $", seed {cells[0].Seed}" : "";
        return new(
            $"Accuracy in % of columns on images made on rows: {cells[0].Attack}, epsilon "
                + $"{cells[0].Epsilon}{seed}",
            ["images made on", .. judges],
            [
                .. cells
                    .GroupBy(c => c.Source)
                    .Select(source =>
                        (Cell[])
                            [
                                source.Key,
                                .. judges.Select(j =>
                                    Accuracy(source.FirstOrDefault(c => c.Target == j))),
                            ]),
            ])
        {
            Title = $"transfer matrix, {cells[0].Attack} {cells[0].Epsilon}{seed}",
        };
    }

    private static Cell Accuracy(TransferCell? cell) =>
        cell is null
            ? "–"
            : Cell.Number(Words.Percent(cell.Accuracy), cell.Accuracy) with
            {
                Heat = 1 - cell.Accuracy,
                Note = $"{Words.Percent(cell.Low95)}–{Words.Percent(cell.High95)} ({cell.Correct})",
            };

    /// <summary>Sizes of the smallest changes.</summary>
    public static Table Smallest(ReportData data) =>
        new(
            $"Sizes ({NormNames.Of(data.Study.Settings.Norm)}) of the smallest changes found, over "
                + "images classified right: upper bounds, as another attack may find smaller ones",
            [
                "target",
                "attack",
                "threat",
                "seed",
                "10 %",
                "25 %",
                "median",
                "75 %",
                "90 %",
                "not found",
            ],
            [
                .. data.Results.SmallestChanges.Select(s =>
                    (Cell[])
                        [
                            s.Target,
                            s.Attack,
                            EnumWord.Of(s.Threat),
                            Cell.Number($"{s.Seed}", s.Seed),
                            Size(s.Q10),
                            Size(s.Q25),
                            Size(s.Median),
                            Size(s.Q75),
                            Size(s.Q90),
                            Cell.Number($"{s.NotFound} of {s.Found + s.NotFound}", s.NotFound),
                        ]),
            ])
        {
            Title = "smallest changes",
            KeyColumns = 2,
        };

    private static Table Effort(ReportData data) =>
        new(
            "What attacks cost: passes per image attacked",
            [
                "target",
                "attack",
                "threat",
                "seed",
                "epsilon",
                "images attacked",
                "attempts",
                "mean forward",
                "most forward",
                "mean backward",
                "most backward",
            ],
            [
                .. data.Results.Effort.Select(e =>
                    (Cell[])
                        [
                            e.Target,
                            e.Attack,
                            EnumWord.Of(e.Threat),
                            Cell.Number($"{e.Seed}", e.Seed),
                            Cell.Number(
                                e.Epsilon, QSim.Attacks.Evaluation.Epsilon.Parse(e.Epsilon).Value),
                            Cell.Number(e.Attacked),
                            Cell.Number(e.Attempts),
                            Cell.Number(Words.Number(e.MeanQueries), e.MeanQueries),
                            Cell.Number(e.MostQueries),
                            Cell.Number(Words.Number(e.MeanGradients), e.MeanGradients),
                            Cell.Number(e.MostGradients),
                        ]),
            ])
        {
            IsFolded = true,
        };

    private static Cell Size(double? size) => size is { } s ? Cell.Number(Words.Number(s), s) : "–";
}
