using QSim.Attacks.Evaluation;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports.Sections;

/// <summary>All comparisons of one pair of targets under one threat model.</summary>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="First">A target.</param>
/// <param name="Second">The target that is spoken about.</param>
/// <param name="Comparisons">By seed and budget.</param>
internal sealed record Finding(
    ThreatModel? Threat, string First, string Second, IReadOnlyList<Comparison> Comparisons)
{
    /// <summary>Findings in the study's order.</summary>
    public static IReadOnlyList<Finding> Of(StudyResults results) =>
    [
        .. from c in results.Comparisons
           group c by (c.Threat, c.First, c.Second) into pair
           select new Finding(pair.Key.Threat, pair.Key.First, pair.Key.Second, [.. pair]),
    ];

    /// <summary>Comparisons after Holm's correction in which the second is better.</summary>
    public IReadOnlyList<Comparison> Better { get; } =
        [.. Comparisons.Where(IsClear).Where(c => c.OnlySecond > c.OnlyFirst)];

    /// <summary>Comparisons after Holm's correction in which the second is worse.</summary>
    public IReadOnlyList<Comparison> Worse { get; } =
        [.. Comparisons.Where(IsClear).Where(c => c.OnlySecond < c.OnlyFirst)];

    /// <summary>Whether anything stands out.</summary>
    public bool IsDistinct => Better.Count + Worse.Count > 0;

    /// <summary>The least corrected p-value.</summary>
    public double LeastP => Comparisons.Min(c => c.PHolm);

    /// <summary>What stands out, in words.</summary>
    /// <param name="images">Test images.</param>
    /// <param name="hasSeeds">Whether there are several seeds.</param>
    public string Sentence(int images, bool hasSeeds)
    {
        string[] parts =
            [.. new[] { Part("worse", Worse), Part("better", Better) }.OfType<string>()];
        return $"{Second} is {Words.List(parts)}{Where(images)}.";

        string? Part(string word, IReadOnlyList<Comparison> clear) =>
            clear.Count == 0 ? null
            : $"{word} than {First}{(Threat is null ? "" : $" at {Budgets(clear)}")}{Seeds(clear)}";

        string Seeds(IReadOnlyList<Comparison> clear)
        {
            string[] seeds = [.. clear.Select(c => c.Seed).Distinct().Order().Select(s => $"{s}")];
            return hasSeeds ? $" (seed{(seeds.Length == 1 ? "" : "s")} {Words.List(seeds)})" : "";
        }
    }

    private static bool IsClear(Comparison c) => c.PHolm < ReportData.Level;

    private static string Budgets(IReadOnlyList<Comparison> clear) =>
        Words.List([.. clear.Select(c => c.Epsilon).Distinct()]);

    private string Where(int images)
    {
        Comparison clearest = Better.Concat(Worse).MinBy(c => c.PHolm)!;
        string at = Threat is null ? "" : $"; clearest at {clearest.Epsilon}";
        return $"{at}: of {images} images {clearest.OnlyFirst} are right only with {First}, "
            + $"{clearest.OnlySecond} only with {Second} (p {Words.Probability(clearest.PHolm)})";
    }
}
