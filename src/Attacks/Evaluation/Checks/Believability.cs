using System.Globalization;

namespace QSim.Attacks.Evaluation.Checks;

/// <summary>
/// Whether attacks were strong enough for their figures to be believed: the signs of masked
/// gradients that Athalye, Carlini and Wagner (ICML 2018) and Carlini et al. ("On evaluating
/// adversarial robustness", 2019) list.
/// </summary>
public static class Believability
{
    /// <summary>Share of images by which two attacks may differ by chance: 0.2 points.</summary>
    public const double ChanceShare = 0.002;

    /// <summary>So many images are never more than chance.</summary>
    public const int ChanceImages = 2;

    /// <summary>Share of images without a gradient from which on it is a doubt.</summary>
    public const double ZeroGradientShare = 0.01;

    /// <summary>Share of images that a last attempt may still break before it is a doubt.</summary>
    public const double LastAttemptShare = 0.005;

    /// <summary>
    /// Share of images that the last quarter of the steps may still break before it is a doubt.
    /// </summary>
    public const double LateShare = 0.01;

    /// <summary>The check that a target was attacked at all.</summary>
    public const string NotAttacked = "not_attacked";

    /// <summary>
    /// The check that an attack beside a stronger one had gradients: it is about that attack's own
    /// figure, not about what the network withstands.
    /// </summary>
    public const string BlindAttack = "blind_attack";

    /// <summary>All doubts about the figures of networks.</summary>
    /// <param name="observations">What attacks did to them.</param>
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
                doubts.AddRange(UnderOneBudget([.. sameBudget]));
        }

        foreach (Observation o in observations) doubts.AddRange(Single(o));
        return doubts;
    }

    /// <summary>What to say of a target that no attack was allowed to change anything of.</summary>
    public static string Unattacked(string target) =>
        $"{target} was not attacked with any budget above 0";

    /// <summary>The closing line: <c>believable</c>, or whose figures are not and why.</summary>
    public static string Verdict(IReadOnlyCollection<Doubt> doubts) =>
        VerdictOf(doubts.Select(d => (d.About.Target, d.Check)));

    /// <summary>
    /// The closing line from targets and the checks that raised doubts about them, one pair per
    /// doubt.
    /// </summary>
    public static string VerdictOf(IEnumerable<(string Target, string Check)> doubts)
    {
        (string Target, string Check)[] all = [.. doubts];
        if (!IsBelievable(all.Select(d => d.Check)))
            return $"not believable as it stands for {Named(all)}";
        return "believable: no check found a sign of masked gradients or weak attacks"
            + (all.Length == 0
                ? ""
                : $" in the attack that leaves least; figures of others beside it to leave out: "
                    + Named(all));
    }

    /// <summary>
    /// Whether the figure of the attack that leaves least can be believed, by the checks that
    /// raised doubts.
    /// </summary>
    public static bool IsBelievable(IEnumerable<string> checks) =>
        checks.All(c => c is BlindAttack or UnevenLosses.Check);

    private static string Named(IEnumerable<(string Target, string Check)> doubts) => string.Join(
        ", ",
        doubts.GroupBy(d => d.Target).Select(target =>
            $"{target.Key} ({string.Join(", ", Counted(target.Select(d => d.Check)))})"));

    private static IEnumerable<string> Counted(IEnumerable<string> checks) =>
        checks.GroupBy(c => c).Select(c => $"{c.Key} {c.Count()}x");

    /// <summary>
    /// Attacks draw lots: what they leave may differ by so many images and mean nothing.
    /// </summary>
    private static double Chance(Observation o, double share = ChanceShare) =>
        Math.Max(share * o.Images, ChanceImages);

    private static bool LeavesMore(Observation o, Observation than) =>
        o.Standing - than.Standing > Chance(o) + 1e-9;

    private static IEnumerable<Doubt> UnderOneBudget(Observation[] all)
    {
        // Images that iterations fit to their source often carry over less well: no sign of a mask.
        foreach (var sameThreat in all.Where(o => o.IsSource).GroupBy(o => o.Threat))
            foreach (Doubt doubt in WeakIterations([.. sameThreat])) yield return doubt;
        foreach (Doubt doubt in StrongBlackBox(all)) yield return doubt;
        foreach (Doubt doubt in WeakerThanTransfer(all)) yield return doubt;
        foreach (Doubt doubt in Unfinished(all)) yield return doubt;
        foreach (Doubt doubt in ZeroGradients(all)) yield return doubt;
        foreach (Doubt doubt in EverythingAllowed(all)) yield return doubt;
        foreach ((Observation more, Observation less) in UnevenLosses.Find(all))
            if (!IsBlind(more) && !HasTooFewClasses(more) && !HasTooFewClasses(less))
                yield return new(
                    UnevenLosses.Check, more,
                    $"{Place(more)}: {Points(more)} standing, where {less.Attack}, the same steps "
                        + $"on another loss, leaves {Points(less)}");
    }

    /// <summary>
    /// A target that met single steps and random noise only; where nothing was allowed, nothing.
    /// </summary>
    private static IEnumerable<Doubt> NothingStrong(Observation[] all)
    {
        if (all.All(o => o.Budget.Epsilon.Value <= 0))
            yield return new(NotAttacked, all[0], Unattacked(all[0].Target));
        else if (all.All(o => o.Evidence.IsSingleStep || o.IsNoise))
            yield return new(
                "only_weak_attacks",
                all[0],
                $"{all[0].Target} was attacked by nothing stronger than "
                    + $"{string.Join(", ", all.Select(o => o.Attack).Distinct())}"
            );
    }

    private static IEnumerable<Doubt> RisingAccuracy(Observation[] byEpsilon) =>
        byEpsilon
            .Zip(byEpsilon.Skip(1))
            .Where(pair => !pair.Second.Evidence.IsSingleStep
                && LeavesMore(pair.Second, pair.First))
            .Select(pair => new Doubt(
                "rising_accuracy",
                pair.Second,
                $"{Place(pair.Second)}: {Points(pair.Second)} standing, more than "
                    + $"{Points(pair.First)} at {pair.First.Budget}"
            ));

    private static IEnumerable<Doubt> WeakIterations(Observation[] all)
    {
        Observation? single = Best(all.Where(o => o.Evidence.IsSingleStep));
        Observation? iterative = Best(
            all.Where(o => !o.Evidence.IsSingleStep && o.Evidence.Needs == Knowledge.Gradients));
        if (single is not null && iterative is not null && LeavesMore(iterative, single))
            yield return new(
                "weak_iterations",
                iterative,
                $"{Place(iterative)}: {Points(iterative)} standing, where the single step of "
                    + $"{single.Attack} leaves {Points(single)}"
            );
    }

    /// <summary>An attack without gradients against the best with them.</summary>
    private static IEnumerable<Doubt> StrongBlackBox(Observation[] all)
    {
        Observation? white = Best(all.Where(IsWhiteBox));
        Observation? black = Best(
            all.Where(o => o.Threat != ThreatModel.Transfer && !IsWhiteBox(o)));
        if (white is not null && black is not null && LeavesMore(white, black))
            yield return new(
                "strong_black_box",
                white,
                $"{Place(black)} ({Threat(black)}): {Points(black)} standing, where the white box "
                    + $"{white.Attack} leaves {Points(white)}"
            );
    }

    /// <summary>Whoever knows the hardware against who knows the float network only.</summary>
    private static IEnumerable<Doubt> WeakerThanTransfer(Observation[] all)
    {
        Observation? knows = Best(all.Where(o => o.Threat == ThreatModel.Hardware));
        Observation? carried = Best(all.Where(o => !o.IsSource));
        if (knows is not null && carried is not null && LeavesMore(knows, carried))
            yield return new(
                "weaker_than_transfer",
                knows,
                $"{Place(knows)}: {Points(knows)} standing, where images that {carried.Attack} "
                    + $"made on {carried.Source ?? "other hardware"} leave {Points(carried)}"
            );
    }

    /// <summary>
    /// Attacks whose gradients are zero. Where another has gradients and leaves no more, that one
    /// sets the figure, and the blind one's own says nothing if it is higher.
    /// </summary>
    private static IEnumerable<Doubt> ZeroGradients(Observation[] all)
    {
        foreach (Observation o in all.Where(o => IsBlind(o) && !HasTooFewClasses(o)))
        {
            Observation? sees = Best(all.Where(other => IsWhiteBox(other) && !IsBlind(other)
                && other.Threat == o.Threat && other.Standing <= o.Standing));
            string message = $"{Place(o)}: {o.Evidence.WithoutGradient} of {o.Images} images have "
                + $"no gradient at all{Dies(o)}";
            if (sees is null) yield return new("zero_gradients", o, message);
            else if (LeavesMore(o, sees))
                yield return new(
                    BlindAttack, o,
                    $"{message}: its {Points(o)} say nothing, {sees.Attack}, which has gradients, "
                        + $"leaves {Points(sees)}");
        }
    }

    private static IEnumerable<Doubt> EverythingAllowed(Observation[] all)
    {
        Observation? o = Best(
            all.Where(o => AllowsEverything(o) && IsWhiteBox(o) && !o.Evidence.IsSingleStep));
        if (o is { Standing: > 0 })
            yield return new(
                "unbounded_not_zero", o,
                $"{Place(o)}: {Points(o)} standing though every image is allowed");
    }

    private static IEnumerable<Doubt> Single(Observation o)
    {
        if (HasTooFewClasses(o))
            yield return new(
                "too_few_classes", o,
                $"{Place(o)}: its loss needs {o.Evidence.LeastClasses} classes (DLR three, "
                    + $"targeted DLR four), there are {o.Evidence.Classes}");
        if (o.Evidence.Undecided > 0)
            yield return new(
                "not_deterministic", o,
                $"{Place(o)}: {o.Evidence.Undecided} images were judged differently the second "
                    + "time");
    }

    /// <summary>
    /// Of the attack that leaves least, which is the one that sets the figure: whether more of it
    /// would help.
    /// </summary>
    private static IEnumerable<Doubt> Unfinished(Observation[] all)
    {
        Observation o = Best(all)!;
        if (o.Evidence.BrokenByLastAttempt > Chance(o, LastAttemptShare))
            yield return new(
                "restarts_still_help",
                o,
                $"{Place(o)}: the last of {o.Evidence.Attempts} attempts still broke "
                    + $"{o.Evidence.BrokenByLastAttempt} of {o.Images} images"
            );
        if (o.Evidence.BrokenLate > Chance(o, LateShare))
            yield return new(
                "steps_still_help",
                o,
                $"{Place(o)}: the last quarter of the steps still broke {o.Evidence.BrokenLate} of "
                    + $"{o.Images} images"
            );
    }

    private static string Dies(Observation o) => o.Evidence.DiesIn switch
    {
        null => "",
        "loss" => $"; of {o.Evidence.DiesInCount} it is zero at the logits already",
        _ => $"; of {o.Evidence.DiesInCount} it dies in {o.Evidence.DiesIn}",
    };

    private static bool IsBlind(Observation o) =>
        o.Evidence.WithoutGradient > Chance(o, ZeroGradientShare);

    private static bool HasTooFewClasses(Observation o) =>
        o.Evidence.Classes > 0 && o.Evidence.Classes < o.Evidence.LeastClasses;

    /// <summary>Pixels run from 0 to 1: no change is larger than 1, root n or n.</summary>
    private static bool AllowsEverything(Observation o)
    {
        double pixels = o.ImageLength == 0 ? double.PositiveInfinity : o.ImageLength;
        return o.Budget.Epsilon.Value >= o.Budget.Norm switch
        {
            Norm.Linf => 1,
            Norm.L2 => Math.Sqrt(pixels),
            Norm.L1 => pixels,
        };
    }

    /// <summary>Gradients of the very classifier that is judged.</summary>
    private static bool IsWhiteBox(Observation o) =>
        o.IsSource && o.Evidence.Needs == Knowledge.Gradients;

    private static Observation? Best(IEnumerable<Observation> observations) =>
        observations.MinBy(o => o.Accuracy);

    private static string Threat(Observation o) => o.Threat.ToString().ToLowerInvariant();

    private static string Place(Observation o) => $"{o.Attack} {o.Budget} on {o.Target}";

    private static string Points(Observation o) =>
        (100 * o.Accuracy).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
