using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Settings;

namespace QSim.Runner.Search.Measuring;

/// <summary>What designs are measured on before it is decided who goes on.</summary>
/// <param name="Images">Test images, from the first.</param>
/// <param name="Attacks">Names of attacks; none for clean images alone.</param>
/// <param name="IsWhole">Whether nothing is left after it.</param>
internal sealed record Rung(int Images, IReadOnlyList<string> Attacks, bool IsWhole)
{
    /// <summary>Fewer images than this tell designs apart no more.</summary>
    private const int FewestImages = 32;

    /// <summary>
    /// Clean images first, an eighth of them; then a quarter, under the attack that costs least;
    /// then all under all. Of few images or one attack some of it falls away.
    /// </summary>
    /// <param name="images">All images.</param>
    /// <param name="attacks">All attacks; none where no objective asks.</param>
    public static IReadOnlyList<Rung> Of(int images, IReadOnlyList<AttackChoice> attacks)
    {
        string[] all = [.. attacks.Select(a => a.Attack.Name)];
        string[] cheapest =
            [.. attacks.Select(a => a.Attack).OrderBy(Cost).Take(1).Select(a => a.Name)];
        (int few, int some) = (images / 8, images / 4);
        return
        [
            .. few >= FewestImages ? [new Rung(few, [], false)] : Array.Empty<Rung>(),
            .. all.Length > 0 && some >= FewestImages
                ? [new Rung(some, cheapest, false)]
                : Array.Empty<Rung>(),
            new(images, all, true),
        ];
    }

    /// <summary>As a name for people.</summary>
    public string Name => $"{Images} images"
        + (Attacks.Count == 0 ? ", clean" : $", {string.Join(", ", Attacks)}");

    private static int Cost(IAttack attack) =>
        attack.IsSingleStep ? 0 : attack is AttackSequence ? 2 : 1;
}
