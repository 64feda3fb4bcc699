namespace QSim.Attacks.Evaluation.Checks;

/// <summary>
/// APGD on one loss against the same steps on another. Where they differ by much, the one that
/// leaves more climbs what does not lead to the boundary: gradients that are there and mislead.
/// </summary>
internal static class UnevenLosses
{
    /// <summary>The check's name.</summary>
    public const string Check = "uneven_losses";

    /// <summary>Share of images that they may differ by.</summary>
    private const double Share = 0.02;

    /// <summary>
    /// So many images are never more than chance: six that all fall to the same one of two equal
    /// attacks are the fewest that happen in less than one of twenty cases (1 in 32, either way).
    /// </summary>
    private const int ChanceImages = 5;

    /// <summary>
    /// Fewer images are a doubt where the figure depends on them: where cross-entropy, of which
    /// most figures are made, leaves so much of what the other leaves beside that. (The ratio is
    /// often the weaker one where few are left, which says nothing of the network.)
    /// </summary>
    private const double Inflation = 0.25;

    /// <summary>And then these at least.</summary>
    private const int FewestImages = 3;

    private static readonly string[] Losses =
        ["apgd-ce", "apgd-dlr", "apgd-scaled", "apgd-margin"];

    /// <summary>An attack that leaves more than the same on another loss, and that one.</summary>
    /// <param name="all">Under one budget.</param>
    public static IEnumerable<(Observation More, Observation Less)> Find(
        IEnumerable<Observation> all) =>
        from o in all
        where o.IsSource && Settings(o.Attack) is not null
        group o by (o.Threat, Settings(o.Attack)) into same
        let least = same.MinBy(o => o.Accuracy)
        from more in same
        where Differ(more, least)
        select (more, least);

    private static bool Differ(Observation more, Observation least)
    {
        int images = more.Standing - least.Standing;
        bool isInflated = more.Attack.StartsWith(Losses[0], StringComparison.Ordinal)
            && images >= FewestImages && images > Inflation * least.Standing;
        return images > Share * more.Images && (images > ChanceImages || isInflated);
    }

    /// <summary>What the name says beside the loss; null where it is no such attack.</summary>
    private static string? Settings(string attack) =>
        Losses.FirstOrDefault(l =>
            attack == l || attack.StartsWith(l + "-", StringComparison.Ordinal)
            || attack.StartsWith(l + ":", StringComparison.Ordinal)) is { } loss
            ? attack[loss.Length..]
            : null;
}
