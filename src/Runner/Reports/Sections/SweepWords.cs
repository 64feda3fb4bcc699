using System.Globalization;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Reports.Sections;

/// <summary>What a sweep comes to, in sentences.</summary>
internal static class SweepWords
{
    private const int MostSentences = 4;

    /// <summary>One sentence per key and combination of the others; few of many.</summary>
    public static IEnumerable<string> Sentences(ReportData data)
    {
        var slices = (data.Results.SmallestValues ?? [])
            .Where(v => v.Reference == AccuracyCell.FloatTarget)
            .Where(v => v.Threat is null || v.Threat == data.Study.Settings.Threats[0])
            .GroupBy(v => (v.Key, v.Others))
            .ToArray();
        foreach (var slice in slices.Take(MostSentences))
            yield return Sentence(data, [.. slice]);
        if (slices.Length > MostSentences)
            yield return $"{slices.Length - MostSentences} more in the table and in "
                + "smallest-values.csv.";
    }

    /// <summary><c>1 point</c>, <c>0.5 points</c>.</summary>
    public static string Points(double points) =>
        $"{points.ToString("0.###", CultureInfo.InvariantCulture)} point"
            + (points == 1 ? "" : "s");

    /// <summary>A value with its interval: <c>17 (16 to 18)</c>.</summary>
    public static string Of(SmallestValue value) => $"{value.Value ?? "none"} ({Interval(value)})";

    /// <summary>The interval: <c>16 to 18</c>.</summary>
    public static string Interval(SmallestValue value) =>
        (value.Low95, value.High95) switch
        {
            (null, _) => "every value is shown to lose more",
            (var low, null) => $"{low} or more, no upper end shown",
            var (low, high) => $"{low} to {high}",
        };

    private static string Sentence(ReportData data, SmallestValue[] values)
    {
        SmallestValue first = values[0];
        string[] found =
        [
            .. values.GroupBy(v => (v.Threat, v.EpsilonValue)).OrderBy(g => g.Key.EpsilonValue)
                .Select(g => $"{Found(data, [.. g])} "
                    + (g.Key.Threat is null ? "on clean images" : $"at {g.First().Epsilon}")),
        ];
        // Weights differ from seed to seed, and what is proved of them.
        string of = data.HasSeeds ? $" (seed {first.Seed})" : "";
        string with = first.Others.Length > 0 ? $" with {first.Others}" : "";
        string least = new SweepGrid(data.Study).Factors.First(f => f.Key == first.Key).Levels[0];
        return $"Smallest {first.Key}{with} within {Points(first.Points)} of float: "
            + $"{Words.List(found)}. {Overflow(first, least, of)}";
    }

    private static string Found(ReportData data, SmallestValue[] seeds)
    {
        if (data.HasSeeds) return $"{SmallestOverSeeds.Of(seeds)[0]}";
        return seeds[0].Low95 is null ? "none" : Of(seeds[0]);
    }

    private static string Overflow(SmallestValue v, string least, string of) =>
        v.NeverOverflows == least
        ? $"No accumulator can overflow at any of its values{of}."
        : $"No accumulator overflows{of}: {From(v.NeverOverflows)} by proof for any input, "
            + $"{From(v.NotInCalibration)} within the calibration's intervals, "
            + $"{From(v.NoneCounted)} as counted on clean images.";

    private static string From(string? value) => value is null ? "never shown" : $"from {value} on";
}
