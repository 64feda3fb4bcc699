using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Conformance;

/// <summary>
/// Names of modes and dialects in replayed files, with any of the three families' prefixes or none.
/// </summary>
internal static class Modes
{
    public const string Ap = "ap";
    public const string SystemC = "systemc";

    /// <summary>A rounding mode, or why not.</summary>
    public static RoundingMode Rounding(string name, Func<string, Exception> error)
    {
        string bare = Bare(name);
        if (bare == "STOCHASTIC")
            throw error("STOCHASTIC needs random bits, which no file of results carries");
        IEnumerable<string> known = ModeNames
            .Roundings.Select(r => r.Name)
            .Where(n => n != "STOCHASTIC");
        return known.Contains(bare)
            ? ModeNames.Rounding(bare)
            : throw error(Unknown(name, bare, "rounding", known));
    }

    /// <summary>An overflow mode, or why not.</summary>
    public static OverflowMode Overflow(string name, Func<string, Exception> error)
    {
        string bare = Bare(name);
        IEnumerable<string> known = ModeNames.Overflows.Select(o => o.Name);
        return known.Contains(bare)
            ? ModeNames.Overflow(bare)
            : throw error(Unknown(name, bare, "overflow", known));
    }

    /// <summary>A dialect, or why not.</summary>
    public static OverflowDialect Dialect(string name, Func<string, Exception> error) =>
        name.ToLowerInvariant() switch
        {
            Ap or "ac" => OverflowDialect.Ap,
            SystemC or "sc" => OverflowDialect.SystemC,
            _ => throw error($"'{name}' is not a dialect (supported: {Ap}, {SystemC})"),
        };

    public static string NameOf(OverflowDialect dialect) =>
        dialect == OverflowDialect.Ap ? Ap : SystemC;

    private static string Bare(string name)
    {
        string upper = name.ToUpperInvariant();
        return upper is ['A', 'P', '_', ..] or ['A', 'C', '_', ..] or ['S', 'C', '_', ..]
            ? upper[3..]
            : upper;
    }

    private static string Unknown(
        string name, string bare, string what, IEnumerable<string> known) =>
        $"'{name}' is not a mode of {what}{Suggestion.Hint(bare, known)} (supported: "
            + $"{string.Join(", ", known)})";
}
