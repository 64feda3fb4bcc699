using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner;

/// <summary>The few words of an enumeration as users write and read them.</summary>
internal static class EnumWord
{
    /// <summary>Every word, in the order of the enumeration.</summary>
    public static string[] All<T>() where T : struct, Enum =>
        [.. Enum.GetValues<T>().Select(v => Of(v))];

    /// <summary>The word of a value.</summary>
    public static string Of(Enum value) => value.ToString().ToLowerInvariant();

    /// <summary>The value of a word.</summary>
    /// <exception cref="RequestException">It is none.</exception>
    public static T Parse<T>(string what, string word) where T : struct, Enum
    {
        string[] all = All<T>();
        return Array.IndexOf(all, word) is var at and >= 0
            ? Enum.GetValues<T>()[at]
            : throw new RequestException(
                $"unknown {what} '{word}'{Suggestion.Hint(word, all)} (supported: "
                    + $"{string.Join(", ", all)})");
    }
}
