using System.CommandLine;

namespace QSim.Runner.CommandLine;

/// <summary>Options that take several values, for who wrote them one after another.</summary>
internal static class ListOptions
{
    /// <summary>
    /// The option before a word, where it takes several values; null for a word that is no value.
    /// </summary>
    public static string? Before(string token, ParseResult parsed)
    {
        if (token.StartsWith('-')) return null;
        string? before = parsed.Tokens.Select(t => t.Value).TakeWhile(t => t != token)
            .LastOrDefault(t => t.StartsWith("--", StringComparison.Ordinal));
        return parsed.CommandResult.Command.Options
            .FirstOrDefault(o => o.Name == before && o.Arity.MaximumNumberOfValues > 1)?.Name;
    }

    /// <summary>How several values of an option are written.</summary>
    public static string About(string option) =>
        $"; several values of {option} are separated by commas, or {option} is repeated";
}
