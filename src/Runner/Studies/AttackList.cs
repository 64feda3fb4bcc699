using System.Globalization;
using QSim.Attacks.Methods;
using QSim.Runner.CommandLine;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>Attacks by the names that users type.</summary>
public static class AttackList
{
    private const int MaxSteps = 100_000;

    private static readonly Dictionary<string, Func<int?, IAttack>> Known = new()
    {
        ["fgsm"] = _ => ProjectedGradient.Fgsm(),
        ["bim"] = steps => steps is { } s ? ProjectedGradient.Bim(s) : ProjectedGradient.Bim(),
        ["pgd"] = steps => steps is { } s ? ProjectedGradient.Pgd(s) : ProjectedGradient.Pgd(),
    };

    /// <summary>The names.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>An attack by name: <c>fgsm</c>, <c>bim</c>, <c>pgd</c>, or with a number of steps <c>pgd-20</c>.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static IAttack Create(string text)
    {
        string[] parts = text.Split('-', 2);
        int? steps = null;
        if (parts.Length == 2)
        {
            if (parts[0] == "fgsm" || !TrySteps(parts[1], out int number)) throw Unknown(text);
            steps = number;
        }

        return Known.TryGetValue(parts[0], out Func<int?, IAttack>? create) ? create(steps) : throw Unknown(text);
    }

    private static bool TrySteps(string text, out int steps) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out steps) && steps is >= 1 and <= MaxSteps;

    private static UsageException Unknown(string name) => new(
        $"unknown attack '{name}'{Suggestion.Hint(name, Names)} (supported: {string.Join(", ", Names)}; " +
        "with a number of steps, as in pgd-20)");
}
