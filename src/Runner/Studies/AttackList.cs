using System.Globalization;
using QSim.Attacks.Methods;
using QSim.Runner.CommandLine;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>The one list of attacks by the names that users type; results carry the attack's own name.</summary>
public static class AttackList
{
    private const string WithSteps = "pgd-";
    private const int MaxSteps = 100_000;

    private static readonly Dictionary<string, Func<IAttack>> Known = new()
    {
        ["fgsm"] = ProjectedGradient.Fgsm,
        ["bim"] = () => ProjectedGradient.Bim(),
        ["pgd"] = () => ProjectedGradient.Pgd(),
        ["apgd-ce"] = () => AutoPgd.CrossEntropy(),
        ["apgd-dlr"] = () => AutoPgd.Dlr(),
        ["apgd-t"] = () => AutoPgd.TargetedDlr(),
        ["square"] = () => new SquareAttack(),
        ["autoattack"] = () => AutoAttack.Standard(),
        ["noise"] = () => new UniformNoise(),
    };

    /// <summary>The names.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>An attack by name; <c>pgd-20</c> is PGD with 20 steps.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static IAttack Create(string name)
    {
        if (Known.TryGetValue(name, out Func<IAttack>? create)) return create();
        if (name.StartsWith(WithSteps, StringComparison.Ordinal) && TrySteps(name[WithSteps.Length..], out int steps))
            return ProjectedGradient.Pgd(steps);
        throw new UsageException(
            $"unknown attack '{name}'{Suggestion.Hint(name, Names)} (supported: {string.Join(", ", Names)}; " +
            "with a number of steps, as in pgd-20)");
    }

    private static bool TrySteps(string text, out int steps) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out steps) && steps is >= 1 and <= MaxSteps;
}
