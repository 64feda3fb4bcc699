using System.Globalization;

namespace QSim.Attacks.Evaluation.Checks;

/// <summary>
/// Whether attacks were strong enough for their figures to be believed: the signs of masked
/// gradients that Athalye, Carlini and Wagner (ICML 2018) and Carlini et al. ("On evaluating
/// adversarial robustness", 2019) list.
/// </summary>
public static class Believability
{
    /// <summary>
    /// A black box may beat a white box by this much before it is a doubt: 0.2 points.
    /// </summary>
    public const double BlackBoxMargin = 0.002;

    /// <summary>Share of images without a gradient from which on it is a doubt.</summary>
    public const double ZeroGradientShare = 0.01;

    /// <summary>Share of images that a last attempt may still break before it is a doubt.</summary>
    public const double LastAttemptShare = 0.005;

    /// <summary>
    /// Share of images that the last quarter of the steps may still break before it is a doubt.
    /// </summary>
    public const double LateShare = 0.01;

    /// <summary>All doubts about the figures of one network.</summary>
    public static IReadOnlyList<Doubt> Examine(IReadOnlyCollection<Observation> observations)
    {
        List<Doubt> doubts = [];
        foreach (var sameTarget in observations.GroupBy(o => (o.Target, o.Budget.Norm)))
        {
            doubts.AddRange(NothingStrong([.. sameTarget]));
            foreach (var sameAttack in sameTarget.GroupBy(o => (o.Attack, o.Threat, o.Source)))
                doubts.AddRange(RisingAccuracy([.. sameAttack.OrderBy(o => o.Budget.Epsilon)]));
            foreach (
                var sameBudget in sameTarget.GroupBy(o => o.Budget.Epsilon).OrderBy(g => g.Key))
            {
                // Images that iterations fit to their source often carry over less well: no sign of
                // a mask.
                foreach (var sameThreat in sameBudget.Where(o => o.IsSource).GroupBy(o => o.Threat))
                    doubts.AddRange(WeakIterations([.. sameThreat]));
                doubts.AddRange(StrongBlackBox([.. sameBudget]));
                doubts.AddRange(Unfinished([.. sameBudget]));
            }
        }

        foreach (Observation o in observations) doubts.AddRange(Single(o));
        return doubts;
    }

    /// <summary>The closing line: <c>believable</c>, or whose figures are not and why.</summary>
    public static string Verdict(IReadOnlyCollection<Doubt> doubts) =>
        VerdictOf(doubts.Select(d => (d.About.Target, d.Check)));

    /// <summary>
    /// The closing line from targets and the checks that raised doubts about them, one pair per
    /// doubt.
    /// </summary>
    public static string VerdictOf(IEnumerable<(string Target, string Check)> doubts)
    {
        string[] targets =
        [
            .. doubts
                .GroupBy(d => d.Target)
                .Select(target =>
                    $"{target.Key} ({string.Join(", ", Counted(target.Select(d => d.Check)))})"),
        ];
        return targets.Length == 0
            ? "believable: no check found a sign of masked gradients or weak attacks"
            : $"not believable as it stands for {string.Join(", ", targets)}";
    }

    private static IEnumerable<string> Counted(IEnumerable<string> checks) =>
        checks.GroupBy(c => c).Select(c => $"{c.Key} {c.Count()}x");

    /// <summary>A target that met single steps and random noise only.</summary>
    private static IEnumerable<Doubt> NothingStrong(Observation[] all)
    {
        if (all.All(o => o.IsSingleStep || o.Attack == "noise"))
            yield return new(
                "only_weak_attacks",
                all[0],
                $"{all[0].Target} met nothing stronger than "
                    + $"{string.Join(", ", all.Select(o => o.Attack).Distinct())}"
            );
    }

    private static IEnumerable<Doubt> RisingAccuracy(Observation[] byEpsilon) =>
        byEpsilon
            .Zip(byEpsilon.Skip(1))
            .Where(pair => pair.Second.Standing > pair.First.Standing)
            .Select(pair => new Doubt(
                "rising_accuracy",
                pair.Second,
                $"{Place(pair.Second)}: {Points(pair.Second)} standing, more than "
                    + $"{Points(pair.First)} at {pair.First.Budget}"
            ));

    private static IEnumerable<Doubt> WeakIterations(Observation[] all)
    {
        Observation? single = Best(all.Where(o => o.IsSingleStep));
        Observation? iterative = Best(
            all.Where(o => !o.IsSingleStep && o.Needs == Knowledge.Gradients));
        if (single is not null && iterative is not null && iterative.Standing > single.Standing)
            yield return new(
                "weak_iterations",
                iterative,
                $"{Place(iterative)}: {Points(iterative)} standing, where the single step of "
                    + $"{single.Attack} leaves {Points(single)}"
            );
    }

    private static IEnumerable<Doubt> StrongBlackBox(Observation[] all)
    {
        Observation? white = Best(all.Where(IsWhiteBox));
        Observation? black = Best(all.Where(o => !IsWhiteBox(o)));
        if (white is not null
            && black is not null
            && white.Accuracy - black.Accuracy > BlackBoxMargin + 1e-9)
            yield return new(
                "strong_black_box",
                white,
                $"{Place(black)} ({Threat(black)}): {Points(black)} standing, where the white box "
                    + $"{white.Attack} leaves {Points(white)}"
            );
    }

    private static IEnumerable<Doubt> Single(Observation o)
    {
        if (o.WithoutGradient > ZeroGradientShare * o.Images)
            yield return new(
                "zero_gradients",
                o,
                $"{Place(o)}: {o.WithoutGradient} of {o.Images} images have no gradient at "
                    + $"all{Dies(o)}"
            );
        if (AllowsEverything(o) && IsWhiteBox(o) && !o.IsSingleStep && o.Standing > 0)
            yield return new(
                "unbounded_not_zero", o,
                $"{Place(o)}: {Points(o)} standing though every image is allowed");
        if (o.Undecided > 0)
            yield return new(
                "not_deterministic", o,
                $"{Place(o)}: {o.Undecided} images were judged differently the second time");
    }

    /// <summary>
    /// Of the attack that leaves least, which is the one that sets the figure: whether more of it
    /// would help.
    /// </summary>
    private static IEnumerable<Doubt> Unfinished(Observation[] all)
    {
        Observation o = Best(all)!;
        if (o.BrokenByLastAttempt > LastAttemptShare * o.Images)
            yield return new(
                "restarts_still_help",
                o,
                $"{Place(o)}: the last of {o.Attempts} attempts still broke "
                    + $"{o.BrokenByLastAttempt} of {o.Images} images"
            );
        if (o.BrokenLate > LateShare * o.Images)
            yield return new(
                "steps_still_help",
                o,
                $"{Place(o)}: the last quarter of the steps still broke {o.BrokenLate} of "
                    + $"{o.Images} images"
            );
    }

    private static string Dies(Observation o) => o.DiesIn switch
    {
        null => "",
        "loss" => $"; of {o.DiesInCount} it is zero at the logits already",
        _ => $"; of {o.DiesInCount} it dies in {o.DiesIn}",
    };

    /// <summary>Pixels run from 0 to 1: no change is larger than 1, root n or n.</summary>
    private static bool AllowsEverything(Observation o) => o.Budget.Norm switch
    {
        Norm.Linf => o.Budget.Epsilon.Value >= 1,
        _ when o.ImageLength == 0 => double.IsInfinity(o.Budget.Epsilon.Value),
        Norm.L2 => o.Budget.Epsilon.Value >= Math.Sqrt(o.ImageLength),
        _ => o.Budget.Epsilon.Value >= o.ImageLength,
    };

    /// <summary>Gradients of the very classifier that is judged.</summary>
    private static bool IsWhiteBox(Observation o) =>
        o.IsSource && o.Needs == Knowledge.Gradients;

    private static Observation? Best(IEnumerable<Observation> observations) =>
        observations.MinBy(o => o.Accuracy);

    private static string Threat(Observation o) => o.Threat.ToString().ToLowerInvariant();

    private static string Place(Observation o) => $"{o.Attack} {o.Budget} on {o.Target}";

    private static string Points(Observation o) =>
        (100 * o.Accuracy).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
