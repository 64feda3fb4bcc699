using System.Globalization;
using QSim.Attacks.Methods.Settings;

namespace QSim.Runner.Studies;

/// <summary>What an attack of a study was made of.</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Needs">What it looks at: labels, scores or gradients.</param>
/// <param name="Settings">
/// By key, every setting that it has, said or not, restarts among them; lengths are over epsilon.
/// </param>
internal sealed record AttackDescription(
    string Name, string Needs, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The description of an attack.</summary>
    /// <param name="choice">The attack.</param>
    /// <param name="restarts">Of the study, where the attack has none of its own.</param>
    public static AttackDescription Of(AttackChoice choice, int restarts)
    {
        var settings = new SortedDictionary<string, string>(
            choice.Settings.ToDictionary(s => s.Key, s => s.Value), StringComparer.Ordinal)
        {
            [AttackChoice.RestartsKey] = choice.Attack.IsDeterministic
                ? "1"
                : (choice.Restarts ?? restarts).ToString(CultureInfo.InvariantCulture),
        };
        return new(choice.Attack.Name, EnumWord.Of(choice.Attack.Needs), settings);
    }
}
