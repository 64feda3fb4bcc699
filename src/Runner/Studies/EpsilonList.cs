using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;

namespace QSim.Runner.Studies;

/// <summary>Budgets as users write them.</summary>
public static class EpsilonList
{
    /// <summary>Reads several, separated by commas, and puts them in ascending order without repetitions.</summary>
    /// <exception cref="UsageException">One is no epsilon, or outside 0..1.</exception>
    public static IReadOnlyList<Epsilon> Parse(params IEnumerable<string> texts) => Of(texts
        .SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .Select(ParseOne));

    /// <summary>Ascending, without repetitions.</summary>
    public static IReadOnlyList<Epsilon> Of(IEnumerable<Epsilon> epsilons) => [.. epsilons.Distinct().Order()];

    /// <summary>Reads one.</summary>
    /// <exception cref="UsageException">It is no epsilon, or outside 0..1.</exception>
    public static Epsilon ParseOne(string text) =>
        Epsilon.TryParse(text, out Epsilon epsilon) && epsilon.Value <= 1
            ? epsilon
            : throw new UsageException(
                $"'{text}' is no epsilon (supported: 0..1 as a number or a fraction, as in 0.03 or 8/255)");
}
