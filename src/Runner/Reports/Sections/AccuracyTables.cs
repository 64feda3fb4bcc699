using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Costs;

namespace QSim.Runner.Reports.Sections;

/// <summary>The numbers behind the curves.</summary>
internal static class AccuracyTables
{
    /// <summary>A row per target, a column per budget.</summary>
    /// <param name="data">The report's data.</param>
    /// <param name="threat">What the attacker knew.</param>
    /// <param name="attack">The attack.</param>
    public static Table Of(ReportData data, ThreatModel threat, string attack)
    {
        AccuracyCell[] cells = Cells(data, threat, attack);
        string[] epsilons =
        [
            .. cells
                .Where(c => c.Threat is not null)
                .OrderBy(c => c.EpsilonValue)
                .Select(c => c.Epsilon)
                .Distinct(),
        ];
        ILookup<(string, string), AccuracyCell> at = cells.ToLookup(c =>
            (c.Target, c.Threat is null ? "" : c.Epsilon));
        string[] targets = [.. data.Study.Targets.Select(t => t.Name)];
        RunCosts? costs = attack == data.DecidingAttack ? data.Results.Cost : null;
        string what = data.HasSeeds
            ? "mean and range over the seeds"
            : "with the 95 % Wilson interval and, in brackets, images right of "
                + $"{data.Study.Settings.Images}";
        return new(
            $"Accuracy in % under {attack}, threat model {EnumWord.Of(threat)}: {what}",
            ["target", "clean", .. epsilons, "crossover", .. CostColumns.Headers(costs)],
            [
                .. targets.Select(t =>
                    (Cell[])
                        [
                            t,
                            .. epsilons.Prepend("").Select(e => Accuracy([.. at[(t, e)]])),
                            Crossover(data, threat, attack, t),
                            .. CostColumns.Of(costs, t),
                        ]),
            ])
        {
            IsFolded = attack != data.DecidingAttack,
            Title = $"{attack}, threat model {EnumWord.Of(threat)}",
            KeyColumns = 2,
        };
    }

    /// <summary>Clean images and one attack.</summary>
    public static AccuracyCell[] Cells(ReportData data, ThreatModel threat, string attack) =>
        [.. data.Cells.Where(c => c.Threat is null || (c.Threat == threat && c.Attack == attack))];

    private static Cell Accuracy(AccuracyCell[] seeds) =>
        seeds switch
        {
            [] => "–",
            [var one] => Accuracy(
                one.Accuracy,
                $"{Words.Percent(one.Low95)}–{Words.Percent(one.High95)} ({one.Correct})"),
            _ => OverSeeds(
                seeds.Average(c => c.Accuracy),
                $"{Words.Percent(seeds.Min(c => c.Accuracy))}–"
                    + Words.Percent(seeds.Max(c => c.Accuracy))),
        };

    private static Cell OverSeeds(double mean, string range) =>
        Accuracy(mean, range) with { Brief = $"{Words.Percent(mean)} ({range})" };

    private static Cell Accuracy(double mean, string note) =>
        Cell.Number(Words.Percent(mean), mean) with { Note = note };

    private static Cell Crossover(
        ReportData data, ThreatModel threat, string attack, string target) =>
        data.Results.Crossovers.FirstOrDefault(c =>
            c.Threat == threat && c.Attack == attack && c.Profile == target) switch
        {
            null => "",
            { Epsilon: null } => Cell.Number("none", double.MaxValue),
            var c => Cell.Number(Words.Epsilon(c.Epsilon.Value), c.Epsilon.Value) with
            {
                Note = Crossings.Interval(c),
                Brief = $"{Short(c.Epsilon)} ({Short(c.Low95)}–{Short(c.High95)})",
            },
        };

    private static string Short(double? epsilon) =>
        epsilon?.ToString("0.000", CultureInfo.InvariantCulture) ?? ">";
}
