using QSim.Attacks.Evaluation;
using QSim.Runner.Statistics;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;
using QSim.Simulator;

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
/// What both measured: clean images, the worst attack (or the only one), what is proved.
/// </param>
/// <param name="OnlyOne">Targets that one of the two lacks.</param>
/// <param name="Unpaired">What is not compared, and why, a sentence each.</param>
internal sealed record RunDifference(
    IReadOnlyList<DifferenceLine> Lines, IReadOnlyList<string> OnlyOne,
    IReadOnlyList<string> Unpaired)
{
    /// <summary>Pairs what two runs measured.</summary>
    /// <exception cref="RequestException">
    /// They measured different images, or nothing in common.
    /// </exception>
    public static RunDifference Between(LoadedRun first, LoadedRun second)
    {
        if (first.Study.DataSha256 != second.Study.DataSha256
            || first.Study.Settings.Images != second.Study.Settings.Images
            || first.Study.Settings.SkipImages != second.Study.Settings.SkipImages)
            throw new RequestException(
                $"{first.Path} and {second.Path} measured different images: they cannot be paired");
        string[] targets = [.. first.Study.Targets.Select(t => t.Name)],
            others = [.. second.Study.Targets.Select(t => t.Name)];
        bool haveSame = HaveSameAttacks(first, second);
        Dictionary<CellAddress, string> after = Outcomes(second, haveSame);
        (CellAddress Address, string Before, string After)[] pairs =
        [
            .. Outcomes(first, haveSame)
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
            [.. targets.Except(others).Concat(others.Except(targets))],
            [.. Unlike(first, second, pairs.Any(p => p.Address.Threat is not null))]);
    }

    private static bool HaveSameAttacks(LoadedRun first, LoadedRun second) =>
        first.Study.Attacks.ToHashSet().SetEquals(second.Study.Attacks);

    /// <summary>
    /// What the attacks together left; of runs with different attacks, what each left by itself.
    /// </summary>
    private static Dictionary<CellAddress, string> Outcomes(LoadedRun run, bool together) =>
        StudyAssembly
            .Outcomes(run.Study, run.Store)
            .Where(o =>
                o.Address.Threat is null
                || (together && run.Study.Attacks.Count > 1)
                    == (o.Address.Attack == AccuracyCell.WorstAttack))
            .Concat(CertifiedFigures.Outcomes(run.Study, run.Store))
            .ToDictionary(o => o.Address, o => o.Outcomes);

    private static IEnumerable<string> Unlike(
        LoadedRun first, LoadedRun second, bool hasAttacked)
    {
        if (!hasAttacked && HaveSameAttacks(first, second))
            yield return "Only clean images are compared: the runs were asked the same, and have "
                + "measured no attack and budget both so far.";
        else if (!hasAttacked)
            yield return "Only clean images are compared: the runs have no attack and budget in "
                + $"common. {first.Path}: {Asked(first)}; {second.Path}: {Asked(second)}";
        else if (!HaveSameAttacks(first, second))
            yield return "The runs have different attacks: those in both are compared one by one, "
                + $"not all together. {first.Path}: {Asked(first)}; {second.Path}: {Asked(second)}";
        foreach ((AttackDescription one, AttackDescription other) in
            from one in first.Study.AttackSettings
            join other in second.Study.AttackSettings on one.Name equals other.Name
            where !one.Settings.SequenceEqual(other.Settings)
            select (one, other))
            yield return $"{one.Name} has other settings in the second run: "
                + string.Join(", ", one.Settings.Except(other.Settings)
                    .Select(s => $"{s.Key} {s.Value}, not "
                        + $"{other.Settings.GetValueOrDefault(s.Key, "said")}"));
    }

    private static string Asked(LoadedRun run) =>
        $"{string.Join(", ", run.Study.Attacks)} under {EnumWord.Of(run.Study.Settings.Norm)} at "
            + Brief.List(run.Study.Settings.Epsilons.Where(e => e.Value > 0));

    private static DifferenceLine Line(
        CellAddress at, string before, string after, McNemar test, double adjusted) =>
        new(
            at.Seed, at.Threat, at.Target, at.Attack, at.Epsilon.ToString(), Share(before),
            Share(after), test.OnlyFirst, test.OnlySecond, test.ExactP(), adjusted);

    private static double Share(string outcomes) =>
        outcomes.Count(c => c == '1') / (double)outcomes.Length;
}
