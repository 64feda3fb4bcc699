using System.Globalization;
using QSim.Simulator;

namespace QSim.Runner.Explanations;

/// <summary>Images that somebody names by their indices.</summary>
internal static class ImageIndices
{
    private const int MostImages = 1 << 20;

    /// <summary><c>3</c>, <c>0,3,8</c>, <c>0..9</c>; null for <c>all</c>.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="option">The option, for messages.</param>
    /// <exception cref="RequestException">It is none of these.</exception>
    public static IReadOnlyList<int>? Parse(string text, string option) =>
        text == "all" ? null : [.. text.Split(',').SelectMany(t => Range(t, option))];

    private static IEnumerable<int> Range(string text, string option)
    {
        string[] ends = text.Trim().Split("..");
        int[] numbers =
        [
            .. ends.Select(e => int.TryParse(
                e, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n < MostImages
                ? n
                : -1),
        ];
        return numbers switch
        {
            [>= 0 and int one] => [one],
            [>= 0 and int first, int last] when last >= first =>
                Enumerable.Range(first, last - first + 1),
            _ => throw new RequestException(
                $"{option}: '{Brief.Name(text)}' is not an image (supported: 3, 0,3,8, 0..9, all)"),
        };
    }
}
