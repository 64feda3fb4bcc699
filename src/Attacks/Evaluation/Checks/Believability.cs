using System.Globalization;

namespace QSim.Attacks.Evaluation.Checks;

/// <summary>A reason not to believe a robustness figure.</summary>
/// <param name="Check">Which check, as in <c>zero_gradients</c>.</param>
/// <param name="Message">One line for people.</param>
public sealed record Doubt(string Check, string Message);

/// <summary>
/// Whether attacks were strong enough for their figures to be believed: the signs of masked gradients that Athalye,
/// Carlini and Wagner (ICML 2018) and Carlini et al. ("On evaluating adversarial robustness", 2019) list.
/// </summary>
public static class Believability
{
    /// <summary>A black box may beat a white box by this much before it is a doubt: 0.2 points.</summary>
    public const double BlackBoxMargin = 0.002;

    /// <summary>Share of images without a gradient from which on it is a doubt.</summary>
    public const double ZeroGradientShare = 0.01;

    /// <summary>Share of images that a last attempt may still break before it is a doubt.</summary>
    public const double LastAttemptShare = 0.005;

    /// <summary>All doubts about a study.</summary>
    public static IReadOnlyList<Doubt> Examine(IReadOnlyCollection<Observation> observations)
    {
        List<Doubt> doubts = [];
        foreach (var sameTarget in observations.GroupBy(o => (o.Target, o.Budget.Norm)))
        {
            foreach (var sameAttack in sameTarget.GroupBy(o => (o.Attack, o.Threat)))
                doubts.AddRange(RisingAccuracy([.. sameAttack.OrderBy(o => o.Budget.Epsilon)]));
            foreach (var sameBudget in sameTarget.GroupBy(o => o.Budget.Epsilon).OrderBy(g => g.Key))
            {
                foreach (var sameThreat in sameBudget.GroupBy(o => o.Threat))
                    doubts.AddRange(WeakIterations([.. sameThreat]));
                doubts.AddRange(StrongBlackBox([.. sameBudget]));
            }
        }

        foreach (Observation o in observations) doubts.AddRange(Single(o));
        return doubts;
    }

    /// <summary>The closing line: <c>believable</c>, or how many doubts of which kinds.</summary>
    public static string Verdict(IReadOnlyCollection<Doubt> doubts) => doubts.Count == 0
        ? "believable: no check found a sign of masked gradients or weak attacks"
        : "not believable as it stands: "
            + string.Join(", ", doubts.GroupBy(d => d.Check).Select(g => $"{g.Key} ({g.Count()})"));

    private static IEnumerable<Doubt> RisingAccuracy(Observation[] byEpsilon) => byEpsilon.Zip(byEpsilon.Skip(1))
        .Where(pair => pair.Second.Standing > pair.First.Standing)
        .Select(pair => new Doubt(
            "rising_accuracy",
            $"{Place(pair.Second)}: {Points(pair.Second)} standing, more than {Points(pair.First)} at {pair.First.Budget}"));

    private static IEnumerable<Doubt> WeakIterations(Observation[] all)
    {
        Observation? single = Best(all.Where(o => o.IsSingleStep));
        Observation? iterative = Best(all.Where(o => !o.IsSingleStep && o.Needs == Knowledge.Gradients));
        if (single is not null && iterative is not null && iterative.Standing > single.Standing)
            yield return new(
                "weak_iterations",
                $"{Place(iterative)}: {Points(iterative)} standing, where the single step of {single.Attack} leaves {Points(single)}");
    }

    private static IEnumerable<Doubt> StrongBlackBox(Observation[] all)
    {
        Observation? white = Best(all.Where(IsWhiteBox));
        Observation? black = Best(all.Where(o => !IsWhiteBox(o)));
        if (white is not null && black is not null && white.Accuracy - black.Accuracy > BlackBoxMargin + 1e-9)
            yield return new(
                "strong_black_box",
                $"{Place(black)} ({Threat(black)}): {Points(black)} standing, where the white box {white.Attack} leaves {Points(white)}");
    }

    private static IEnumerable<Doubt> Single(Observation o)
    {
        if (o.WithoutGradient > ZeroGradientShare * o.Images)
            yield return new("zero_gradients", $"{Place(o)}: {o.WithoutGradient} of {o.Images} images have no gradient at all");
        bool isFree = o.Budget.Epsilon.Value >= 1 && (o.Budget.Norm == Norm.Linf || double.IsInfinity(o.Budget.Epsilon.Value));
        if (isFree && IsWhiteBox(o) && !o.IsSingleStep && o.Standing > 0)
            yield return new("unbounded_not_zero", $"{Place(o)}: {Points(o)} standing though every image is allowed");
        if (o.BrokenByLastAttempt > LastAttemptShare * o.Images)
            yield return new(
                "restarts_still_help",
                $"{Place(o)}: the last of {o.Attempts} attempts still broke {o.BrokenByLastAttempt} of {o.Images} images");
        if (o.Undecided > 0)
            yield return new("not_deterministic", $"{Place(o)}: {o.Undecided} images were judged differently the second time");
    }

    /// <summary>Gradients of the very classifier that is judged.</summary>
    private static bool IsWhiteBox(Observation o) =>
        o.Threat == ThreatModel.Hardware && o.Needs == Knowledge.Gradients;

    private static Observation? Best(IEnumerable<Observation> observations) => observations.MinBy(o => o.Accuracy);

    private static string Threat(Observation o) => o.Threat.ToString().ToLowerInvariant();

    private static string Place(Observation o) => $"{o.Attack} {o.Budget} on {o.Target}";

    private static string Points(Observation o) =>
        (100 * o.Accuracy).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
