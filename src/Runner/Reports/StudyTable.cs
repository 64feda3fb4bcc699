using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports;

/// <summary>
/// The tables of a study with sweeps, seeds or threat models: one per threat model and attack, a
/// row per target, a column per budget; then the comparisons that stand out.
/// </summary>
public static class StudyTable
{
    private const double Level = 0.05;

    /// <summary>The tables.</summary>
    public static IEnumerable<TextTable> Create(StudyResults results)
    {
        // Means with their range are wide.
        int budgetsPerTable = results.Study.Seeds.Count > 1 ? 3 : 6;
        AccuracyCell[] all = [.. results.Accuracy, .. results.Robust];
        AccuracyCell[] clean = [.. all.Where(c => c.Threat is null)];
        foreach (var attack
            in all.Where(c => c.Threat is not null).GroupBy(c => (c.Threat, c.Attack)))
        {
            foreach (string[] epsilons
                in attack.Select(c => c.Epsilon).Distinct().Chunk(budgetsPerTable))
                yield return Accuracies(results, clean, [.. attack], epsilons);
        }

        Comparison[] distinct =
            [.. results.Comparisons.Where(c => c.PHolm < Level).OrderBy(c => c.PHolm)];
        if (distinct.Length > 0)
            yield return Comparisons(distinct);
    }

    /// <summary>What the numbers in the tables are.</summary>
    public static IReadOnlyList<string> Legend(StudyResults results) =>
        [
            $"Accuracy in % on {results.Study.Images} test images"
                + (
                    results.Study.Seeds.Count > 1
                        ? $", mean (lowest-highest) of {results.Study.Seeds.Count} seeds."
                        : $", seed {results.Study.Seed}; 95 % Wilson intervals are in results.csv."
                ),
            $"Epsilon: {NormNames.Of(results.Study.Norm)}, pixels in [0, 1]. worst: the mean over "
                + "images of the worst attack.",
            .. ThreatLegend.Limits(results.Study),
            "crossover: the first epsilon at which the curve crosses the float one, with its 95 % "
                + "bootstrap interval;",
            "'>' where the interval reaches beyond all budgets, 'none' where the curves do not "
                + "cross.",
            $"Comparisons: McNemar's exact test, image by image; {results.Comparisons.Count} "
                + "comparisons, corrected by Holm; "
                + $"{results.Comparisons.Count(c => c.PHolm < Level)} below "
                + $"{Level.ToString(CultureInfo.InvariantCulture)}.",
        ];

    private static TextTable Accuracies(
        StudyResults results, AccuracyCell[] clean, AccuracyCell[] attack, string[] epsilons)
    {
        string[] targets = [.. clean.Select(c => c.Target).Distinct()];
        ThreatModel threat = attack[0].Threat!.Value;
        return new(
            ["target", "clean", .. epsilons, "crossover"],
            [
                .. targets.Select(target =>
                    (string[])
                        [
                            target,
                            Cell([.. clean.Where(c => c.Target == target)]),
                            .. epsilons.Select(e =>
                                Cell([.. attack.Where(c => c.Target == target && c.Epsilon == e)])),
                            Crossover(
                                results.Crossovers.FirstOrDefault(c =>
                                    c.Profile == target
                                    && c.Threat == threat
                                    && c.Attack == attack[0].Attack)),
                        ]),
            ])
        {
            Title = $"{attack[0].Attack}, threat model {threat.ToString().ToLowerInvariant()}",
            RightAligned = Enumerable.Range(1, epsilons.Length + 2).ToHashSet(),
        };
    }

    private static TextTable Comparisons(Comparison[] distinct)
    {
        const int Most = 20;
        return new(
            [
                "first",
                "second",
                "seed",
                "threat",
                "attack",
                "epsilon",
                "only first",
                "only second",
                "p (Holm)",
            ],
            [
                .. distinct
                    .Take(Most)
                    .Select(c =>
                        new[]
                        {
                            c.First,
                            c.Second,
                            $"{c.Seed}",
                            $"{c.Threat}".ToLowerInvariant(),
                            c.Threat is null ? "clean" : c.Attack,
                            c.Epsilon,
                            $"{c.OnlyFirst}",
                            $"{c.OnlySecond}",
                            c.PHolm.ToString("0.0e+0", CultureInfo.InvariantCulture),
                        }),
            ])
        {
            Title = distinct.Length > Most
                ? $"the {Most} clearest of {distinct.Length} differences (all: comparisons.csv)"
                : "differences that stand out",
            RightAligned = new HashSet<int> { 5, 6, 7, 8 },
        };
    }

    private static string Cell(AccuracyCell[] seeds) =>
        seeds.Length switch
        {
            0 => "-",
            1 => Percent(seeds[0].Accuracy),
            _ => $"{Percent(seeds.Average(c => c.Accuracy))} "
                + $"({Percent(seeds.Min(c => c.Accuracy))}-{Percent(seeds.Max(c => c.Accuracy))})",
        };

    private static string Crossover(CrossoverPoint? point) => point switch
    {
        null => "",
        { Epsilon: null } => "none",
        _ => $"{Epsilon(point.Epsilon)} ({Epsilon(point.Low95)}-{Epsilon(point.High95)})",
    };

    private static string Epsilon(double? epsilon) =>
        epsilon?.ToString("0.000", CultureInfo.InvariantCulture) ?? ">";

    private static string Percent(double share) =>
        (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
