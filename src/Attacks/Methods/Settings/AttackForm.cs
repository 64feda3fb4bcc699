using System.Collections.Immutable;

namespace QSim.Attacks.Methods.Settings;

/// <summary>An attack by the name that users type, and what can be set about it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Settings">In the order of the table.</param>
/// <param name="Make">Makes the attack.</param>
public sealed record AttackForm(
    string Name, ImmutableArray<AttackSetting> Settings, Func<AttackValues, IAttack> Make)
{
    /// <summary>
    /// The key that a number at the end of the name sets, as in <c>pgd-20</c>; null for none.
    /// </summary>
    public string? Number { get; init; }

    /// <summary>Whether results have the number in the name even where nobody set it.</summary>
    public bool IsAlwaysNumbered { get; init; }

    /// <summary>The setting of a key; null where there is none.</summary>
    public AttackSetting? Find(string key) => Settings.FirstOrDefault(s => s.Key == key);
}
