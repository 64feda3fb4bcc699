using System.Collections.Immutable;

namespace QSim.Attacks.Methods.Settings;

/// <summary>An attack by the name that users type, and what can be set about it.</summary>
public sealed record AttackForm
{
    internal AttackForm(
        string name, ImmutableArray<AttackSetting> settings, Func<AttackValues, IAttack> make)
    {
        Name = name;
        Settings = settings;
        Make = make;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What can be set, in the order of the table.</summary>
    public ImmutableArray<AttackSetting> Settings { get; }

    /// <summary>Makes the attack.</summary>
    internal Func<AttackValues, IAttack> Make { get; }

    /// <summary>
    /// The key that a number at the end of the name sets, as in <c>pgd-20</c>; null for none.
    /// </summary>
    public string? Number { get; init; }

    /// <summary>Whether results have the number in the name even where nobody set it.</summary>
    public bool IsAlwaysNumbered { get; init; }

    /// <summary>The setting of a key; null where there is none.</summary>
    public AttackSetting? Find(string key) => Settings.FirstOrDefault(s => s.Key == key);
}
