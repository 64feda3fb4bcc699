using System.Globalization;
using System.Text.RegularExpressions;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>What <c>--shard i/n</c> means, for every command that has it.</summary>
internal static partial class ShardOption
{
    /// <summary>What was typed.</summary>
    /// <exception cref="RequestException">There is no such part.</exception>
    public static Shard Parse(string text)
    {
        if (ShardText().Match(text) is { Success: true } match
            && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var index
            && int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) is var count
            && index >= 1 && index <= count)
            return new(index, count);
        throw new RequestException(
            $"'{text}' is not a valid --shard (supported: i/n as in 1/4, with i from 1 to n, "
                + "n up to 999999)");
    }

    [GeneratedRegex(@"^(\d{1,6})/(\d{1,6})$")]
    private static partial Regex ShardText();
}
