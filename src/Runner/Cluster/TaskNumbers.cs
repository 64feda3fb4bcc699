using System.Globalization;

namespace QSim.Runner.Cluster;

/// <summary>Numbers of tasks as people and schedulers write them: <c>1-3,7</c>.</summary>
internal static class TaskNumbers
{
    /// <summary>The text of some numbers.</summary>
    public static string Write(IEnumerable<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (int number in numbers.Order())
            if (ranges.Count > 0 && ranges[^1].Last + 1 == number)
                ranges[^1] = (ranges[^1].First, number);
            else
                ranges.Add((number, number));
        return string.Join(',', ranges.Select(r => r.First == r.Last
            ? FormattableString.Invariant($"{r.First}")
            : FormattableString.Invariant($"{r.First}-{r.Last}")));
    }

    /// <summary>The numbers of a text, each from 1 to a most.</summary>
    /// <exception cref="RequestException">It is none.</exception>
    public static IReadOnlyList<int> Read(string text, int most)
    {
        var numbers = new List<int>();
        foreach (string range in text.Split(','))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out int first)
                || !TryNumber(ends[^1], out int last) || first < 1 || last < first || last > most)
                throw new RequestException(
                    $"'{text}' is not a valid --task (supported: a number from 1 to {most}, or "
                        + "several as in 1-3,7)");
            numbers.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return numbers;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
