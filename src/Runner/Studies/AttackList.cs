using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Adaptive;
using QSim.Attacks.Methods.Overflow;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>
/// The one list of attacks by the names that users type; results carry the attack's own name.
/// </summary>
internal static class AttackList
{
    private const int MaxSteps = 100_000;

    /// <summary>Those whose name may end in a number: of steps, or of queries.</summary>
    private static readonly Dictionary<string, Func<int, string, IAttack>> Numbered = new()
    {
        ["pgd"] = (steps, _) => ProjectedGradient.Pgd(steps),
        ["apgd-ce"] = (steps, name) => AutoPgd.CrossEntropy(steps, name),
        ["apgd-dlr"] = (steps, name) => AutoPgd.Dlr(steps, name),
        ["square"] = (queries, name) => new SquareAttack(queries, name: name),
    };

    /// <summary>Each with its authors' defaults.</summary>
    private static readonly Dictionary<string, IAttack> Known = new IAttack[]
    {
        ProjectedGradient.Fgsm(),
        ProjectedGradient.RFgsm(),
        ProjectedGradient.MiFgsm(),
        ProjectedGradient.Bim(),
        AutoPgd.CrossEntropy(),
        AutoPgd.Dlr(),
        AutoPgd.TargetedDlr(),
        new FastAdaptiveBoundary(),
        new DeepFool(),
        new CarliniWagner(),
        new SquareAttack(),
        AutoAttack.Standard(),
        new Spsa(),
        new HopSkipJump(),
        new UniformNoise(),
        new OverflowDesignAttack(),
        new AdaptiveDesignAttack(),
    }.ToDictionary(a => a.Name);

    /// <summary>The names.</summary>
    public static IReadOnlyCollection<string> Names { get; } = ["pgd", .. Known.Keys];

    /// <summary>
    /// An attack by name; <c>pgd-20</c> is PGD with 20 steps, <c>square-500</c> Square with 500
    /// queries.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="norm">How budgets are measured: AutoAttack is another under L1.</param>
    /// <exception cref="RequestException">There is none of that name.</exception>
    public static IAttack Create(string name, Norm norm)
    {
        if (name == "pgd") return ProjectedGradient.Pgd();
        if (name == "autoattack") return AutoAttack.Standard(norm);
        if (Known.TryGetValue(name, out IAttack? attack)) return attack;
        if (AdaptiveDesignAttack.Ablated(name) is { } ablated) return ablated;
        int dash = name.LastIndexOf('-');
        if (dash > 0
            && Numbered.TryGetValue(name[..dash], out var make)
            && TrySteps(name[(dash + 1)..], out int steps))
            return make(steps, name);
        throw new RequestException(
            $"unknown attack '{name}'{Suggestion.Hint(name, Names)} (supported: "
                + $"{string.Join(", ", Names)}; with a number of steps or queries, as in pgd-20: "
                + $"{string.Join(", ", Numbered.Keys)})");
    }

    private static bool TrySteps(string text, out int steps) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out steps)
        && steps is >= 1 and <= MaxSteps;
}
