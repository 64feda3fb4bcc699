using System.Globalization;
using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports;

/// <summary>
/// Tables that only some studies have: smallest changes, and the transfer matrix.
/// </summary>
public static class EvidenceTables
{
    /// <summary>Budgets up to which every transfer matrix is printed.</summary>
    private const int MostMatrices = 3;

    /// <summary>All that the study has.</summary>
    public static IEnumerable<TextTable> Create(StudyResults results)
    {
        if (results.SmallestChanges.Count > 0) yield return Smallest(results);
        foreach (var attack in results.Transfers.GroupBy(t => (t.Seed, t.Attack)))
        {
            var budgets = attack.GroupBy(t => t.Epsilon).ToArray();
            // The middle budget tells most: small ones break nothing, large ones everything.
            foreach (var budget in budgets.Length <= MostMatrices
                ? budgets
                : [budgets[budgets.Length / 2]])
                yield return Matrix(results, [.. budget]);
        }
    }

    /// <summary>What the numbers in them are.</summary>
    public static IEnumerable<string> Legend(StudyResults results)
    {
        if (results.SmallestChanges.Count > 0)
        {
            yield return $"Smallest change: sizes ({NormNames.Of(results.Study.Norm)}) that break "
                + "10 %, half and 90 % of the images";
            yield return "classified right, '-' where fewer are broken. Upper bounds: what the "
                + "attack found.";
        }

        if (results.Transfers.Count > 0)
            yield return "Images of: accuracy in % of each column on images made on each row (all "
                + "budgets: transfers.csv).";
    }

    private static TextTable Smallest(StudyResults results) =>
        new(
            ["smallest change", "target", "10 %", "median", "90 %", "not found"],
            [
                .. results.SmallestChanges.Select(s =>
                    new[]
                    {
                        s.Attack
                            + (results.Study.Seeds.Count > 1 ? $" seed {s.Seed}" : "")
                            + (results.Study.Threats.Count > 1 ? $" {Words.Lower(s.Threat)}" : ""),
                        s.Target,
                        Size(s.Q10),
                        Size(s.Median),
                        Size(s.Q90),
                        $"{s.NotFound} of {s.Found + s.NotFound}",
                    }),
            ])
        {
            RightAligned = new HashSet<int> { 2, 3, 4, 5 },
        };

    private static TextTable Matrix(StudyResults results, TransferCell[] cells)
    {
        string[] targets = [.. cells.Select(c => c.Target).Distinct()];
        string seed = results.Study.Seeds.Count > 1 ? $", seed {cells[0].Seed}" : "";
        return new(
            ["images of", .. targets],
            [
                .. cells.GroupBy(c => c.Source).Select(source => (string[])
                [
                    source.Key,
                    .. targets.Select(t => source.FirstOrDefault(c => c.Target == t) is { } cell
                        ? (100 * cell.Accuracy).ToString("0.0", CultureInfo.InvariantCulture)
                        : "-"),
                ]),
            ])
        {
            Title = $"transfer matrix, {cells[0].Attack} {cells[0].Epsilon}{seed}",
            RightAligned = Enumerable.Range(1, targets.Length).ToHashSet(),
        };
    }

    private static string Size(double? size) =>
        size?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";
}
