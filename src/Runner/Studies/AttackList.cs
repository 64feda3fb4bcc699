using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Overflow;
using QSim.Runner.CommandLine;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>The one list of attacks by the names that users type; results carry the attack's own name.</summary>
public static class AttackList
{
    private const string Pgd = "pgd";
    private const int MaxSteps = 100_000;

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
    }.ToDictionary(a => a.Name);

    /// <summary>The names.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [Pgd, .. Known.Keys];

    /// <summary>The names of those that know a norm.</summary>
    public static IEnumerable<string> Knowing(Norm norm) => Names.Where(n => Create(n).WhyNot(norm) is null);

    /// <summary>An attack by name; <c>pgd-20</c> is PGD with 20 steps.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static IAttack Create(string name)
    {
        if (name == Pgd) return ProjectedGradient.Pgd();
        if (Known.TryGetValue(name, out IAttack? attack)) return attack;
        if (name.StartsWith(Pgd + "-", StringComparison.Ordinal) && TrySteps(name[(Pgd.Length + 1)..], out int steps))
            return ProjectedGradient.Pgd(steps);
        throw new UsageException(
            $"unknown attack '{name}'{Suggestion.Hint(name, Names)} (supported: {string.Join(", ", Names)}; " +
            "with a number of steps, as in pgd-20)");
    }

    private static bool TrySteps(string text, out int steps) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out steps) && steps is >= 1 and <= MaxSteps;
}
