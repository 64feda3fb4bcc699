using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>
/// What the numbers come to, in words: computed from the tests, never from looking at the curves.
/// </summary>
internal static class VerdictSection
{
    /// <summary>Most sentences of one kind.</summary>
    private const int Most = 8;

    /// <summary>The section.</summary>
    public static ReportSection Of(ReportData data)
    {
        var blocks = new List<ReportBlock>();
        if (!data.Results.Complete) blocks.Add(Partial(data));
        IReadOnlyList<Finding> findings = Finding.Of(data.Results);
        blocks.Add(new Paragraph(Lead(findings)) { Emphasis = Emphasis.Lead });
        if (data.Results.Verdict is { } verdict) blocks.Add(Checks(verdict));
        blocks.AddRange(Part(data, "Clean images", [.. findings.Where(f => f.Threat is null)]));
        foreach (ThreatModel threat in data.Study.Settings.Threats)
        {
            Finding[] under = [.. findings.Where(f => f.Threat == threat)];
            if (under.Length > 0) blocks.AddRange(Part(data, Title(data, threat), under));
            blocks.AddRange(Crossovers(data, threat));
        }

        // A line for each profile and budget: behind what the question was.
        if (data.Results.Certificates.Count > 0)
        {
            blocks.Add(new Subheading("Proved and broken"));
            blocks.Add(new Bullets([.. CertificateSection.Lines(data)]));
        }

        return new("verdict", "Verdict", blocks);
    }

    private static Paragraph Partial(ReportData data) =>
        new(
            data.Results.Accuracy.Count == 0 && data.StoredCells > 0
                ? $"None of the {data.StoredCells} cells in this folder is one that this version "
                    + "of QSim knows: they were measured by another version. Their report is that "
                    + "version's; run the study again for one of this."
                : "This run is not finished: what follows is about the cells that are measured so "
                    + "far"
                    + (data.Manifest is { } manifest ? $" (status: {manifest.Status})." : "."))
        {
            Emphasis = Emphasis.Warning,
        };

    private static Paragraph Checks(StudyVerdict verdict) =>
        new(
            $"Can the attacks be trusted? The checks say: {verdict.Line}."
                + (verdict.Believable ? "" : " See the warnings."))
        {
            Emphasis = verdict.Believable ? Emphasis.None : Emphasis.Warning,
        };

    private static string Lead(IReadOnlyList<Finding> findings)
    {
        int count = findings.Sum(f => f.Comparisons.Count);
        if (count == 0) return "Nothing can be compared yet.";
        int clear = findings.Sum(f => f.Better.Count + f.Worse.Count);
        string tests =
            $"{Words.Plural(count, "comparison")} image by image, corrected by Holm at "
                + $"{ReportData.Level}";
        if (clear == 0)
            return $"No clear difference: none of {tests}.";
        string[] clean = Names(findings.Where(f => f.Threat is null), f => f.Worse);
        string[] worse = Names(findings.Where(f => f.Threat is not null), f => f.Worse);
        string[] better = Names(findings.Where(f => f.Threat is not null), f => f.Better);
        string[] cleanBetter = Names(findings.Where(f => f.Threat is null), f => f.Better);
        IEnumerable<string> parts = Side("worse on clean images", clean)
            .Concat(Side("better on clean images", cleanBetter))
            .Concat(Side("worse under attack at some budget", worse))
            .Concat(Side("better under attack at some budget", better));
        return $"Of {tests}, {clear} {(clear == 1 ? "is" : "are")} clear. "
            + $"{string.Join(" ", parts)}";
    }

    private static string[] Names(
        IEnumerable<Finding> findings, Func<Finding, IReadOnlyList<Comparison>> side) =>
        [
            .. from f in findings
            where side(f).Count > 0
            group f.Second by f.First into same
            let names = same.Distinct().ToArray()
            let shown = names.Length <= Most
                ? Words.List(names)
                : $"{string.Join(", ", names.Take(Most))} and {names.Length - Most} more"
            select $"{shown} than {same.Key}",
        ];

    private static IEnumerable<string> Side(string what, string[] names)
    {
        if (names.Length == 0) yield break;
        yield return $"Clearly {what}: "
            + $"{string.Join("; ", names.Take(Most))}{(names.Length > Most ? "; …" : "")}.";
    }

    private static IEnumerable<ReportBlock> Part(ReportData data, string title, Finding[] findings)
    {
        if (findings.Length == 0) yield break;
        yield return new Subheading(title);
        Finding[] distinct = [.. findings.Where(f => f.IsDistinct).OrderBy(f => f.LeastP)];
        Finding[] rest = [.. findings.Where(f => !f.IsDistinct)];
        List<string> items =
        [.. distinct.Take(Most).Select(f => f.Sentence(data.Study.Settings.Images, data.HasSeeds))];
        if (distinct.Length > Most)
            items.Add($"{distinct.Length - Most} more pairs differ: see the comparisons.");
        if (rest.Length > 0) items.Add(NotDistinct(rest));
        yield return new Bullets(items);
    }

    private static string NotDistinct(Finding[] rest)
    {
        // "Between a and float and b and float" could be read in several ways.
        string all = rest.Length > Most
            ? $" between {rest.Length} pairs"
            : string.Join("; ", rest.GroupBy(f => f.First).Select(
                same => $" from {same.Key}: {Words.List([.. same.Select(f => f.Second)])}"));
        return $"No clear difference{all}. That does not prove that there is none: see the widths "
            + "of the intervals.";
    }

    private static IEnumerable<ReportBlock> Crossovers(ReportData data, ThreatModel threat)
    {
        CrossoverPoint[] points =
        [
            .. data.Results.Crossovers.Where(c =>
                c.Threat == threat && c.Attack == data.DecidingAttack),
        ];
        if (points.Length == 0)
            yield break;
        yield return new Subheading($"Crossover: {Title(data, threat).ToLowerInvariant()}");
        var crossings = new Crossings(data);
        CrossoverPoint[] crossing = [.. points.Where(p => p.Epsilon is not null)];
        List<string> items = [.. crossing.Take(Most).Select(crossings.Sentence)];
        if (crossing.Length > Most)
            items.Add($"{crossing.Length - Most} more profiles cross: see the curves.");
        string[] never = [.. points.Where(p => p.Epsilon is null).Select(p => p.Profile)];
        if (never.Length > 0)
        {
            items.Add(
                (never.Length <= Most ? Words.List(never) : $"{never.Length} profiles")
                    + (never.Length == 1 ? " does" : " do")
                    + " not cross the float curve between the budgets measured.");
        }

        yield return new Bullets(items);
    }

    private static string Title(ReportData data, ThreatModel threat)
    {
        bool isWorst = data.DecidingAttack == AccuracyCell.WorstAttack;
        string attack = isWorst ? "Worst attack" : data.DecidingAttack;
        return $"{attack}, threat model {EnumWord.Of(threat)}";
    }
}
