using QSim.Attacks.Evaluation;
using QSim.Runner.Statistics;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Reports.Differences;

/// <summary>One target of two runs under one attack with one budget, image by image.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Threat">What the attacker knew; null for clean images.</param>
/// <param name="Target">The target's name in both runs.</param>
/// <param name="Attack">As in <see cref="AccuracyCell"/>.</param>
/// <param name="Epsilon">As the first run's user wrote it.</param>
/// <param name="First">Accuracy in the first run, 0..1.</param>
/// <param name="Second">Accuracy in the second run, 0..1.</param>
/// <param name="OnlyFirst">Images right only in the first.</param>
/// <param name="OnlySecond">Images right only in the second.</param>
/// <param name="P">McNemar's exact two-sided p-value.</param>
/// <param name="PHolm">The same, corrected for all lines of the comparison.</param>
internal sealed record DifferenceLine(
    ulong Seed, ThreatModel? Threat, string Target, string Attack, string Epsilon, double First,
    double Second, int OnlyFirst, int OnlySecond, double P, double PHolm)
{
    /// <summary>Points that the second is above the first, negative where it is below.</summary>
    public double Change => 100 * (Second - First);
}

/// <summary>Two runs on the same images.</summary>
/// <param name="Lines">
/// What both measured: clean images and the worst attack (or the only one).
/// </param>
/// <param name="OnlyOne">Targets that one of the two lacks.</param>
internal sealed record RunDifference(
    IReadOnlyList<DifferenceLine> Lines, IReadOnlyList<string> OnlyOne)
{
    /// <summary>Pairs what two runs measured.</summary>
    /// <exception cref="RequestException">
    /// They measured different images, or nothing in common.
    /// </exception>
    public static RunDifference Between(LoadedRun first, LoadedRun second)
    {
        if (first.Study.DataSha256 != second.Study.DataSha256
            || first.Study.Settings.Images != second.Study.Settings.Images)
            throw new RequestException(
                $"{first.Path} and {second.Path} measured different images: they cannot be paired");
        string[] targets = [.. first.Study.Targets.Select(t => t.Name)],
            others = [.. second.Study.Targets.Select(t => t.Name)];
        Dictionary<CellAddress, string> after = Outcomes(second);
        (CellAddress Address, string Before, string After)[] pairs =
        [
            .. Outcomes(first)
                .Where(o => after.ContainsKey(o.Key))
                .Select(o => (o.Key, o.Value, after[o.Key])),
        ];
        if (pairs.Length == 0)
            throw new RequestException(
                $"{first.Path} and {second.Path} have no target, attack, epsilon and seed in common"
            );
        McNemar[] tests = [.. pairs.Select(p => McNemar.Of(p.Before, p.After))];
        double[] adjusted = Holm.Adjust([.. tests.Select(t => t.ExactP())]);
        return new(
            [.. pairs.Select((p, i) => Line(p.Address, p.Before, p.After, tests[i], adjusted[i]))],
            [.. targets.Except(others).Concat(others.Except(targets))]);
    }

    private static Dictionary<CellAddress, string> Outcomes(LoadedRun run) =>
        StudyAssembly
            .Outcomes(run.Study, run.Store)
            .Where(o =>
                o.Address.Threat is null
                || run.Study.Attacks.Count == 1
                || o.Address.Attack == AccuracyCell.WorstAttack)
            .ToDictionary(o => o.Address, o => o.Outcomes);

    private static DifferenceLine Line(
        CellAddress at, string before, string after, McNemar test, double adjusted) =>
        new(
            at.Seed, at.Threat, at.Target, at.Attack, at.Epsilon.ToString(), Share(before),
            Share(after), test.OnlyFirst, test.OnlySecond, test.ExactP(), adjusted);

    private static double Share(string outcomes) =>
        outcomes.Count(c => c == '1') / (double)outcomes.Length;
}
