using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using QSim.Runner.Studies.Sweeps;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Reports;

/// <summary>A sweep of several seeds: mean and range over them.</summary>
public sealed partial class SweepSeedsTests : IDisposable
{
    private const string Study = """
        schema: qsim/study/1
        name: seeds
        epochs: 2
        images: 40
        calibration_images: 16
        seeds: [1, 2, 3]
        profiles: [int8-wide]
        sweep:
          mac.accumulator.bits: [11..15]
        tolerance: 5
        attacks: [fgsm]
        epsilons: [16/255]
        """;

    private static readonly int[] Bits = [11, 12, 13, 14, 15];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Report_SaysMeanAndRangeThatCellsGiveByHand()
    {
        File.WriteAllText(_folder.File("s.yaml"), Study);
        Finished run = Qsim.RunIn(_folder.Path, "run", "s.yaml", "--out", "r", "--quiet");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));

        int?[] clean = [.. new[] { 1, 2, 3 }.Select(seed => Smallest(seed, "none"))],
            attacked = [.. new[] { 1, 2, 3 }.Select(seed => Smallest(seed, "fgsm"))];
        string sentence = $"Smallest mac.accumulator.bits within 5 points of float: "
            + $"{InWords(clean)} on clean images and {InWords(attacked)} at 16/255.";
        Assert.Contains(sentence, Blanks().Replace(run.Out, " "));
        string text = File.ReadAllText(_folder.File("r/report.md"));
        Assert.Contains(sentence, text);
        string row = string.Join(" | ", Row(clean));
        Assert.Contains($"| mac.accumulator.bits |  | clean | float | {row} |", text);
        Assert.Contains("mean and range over 3 seeds", text);
        Assert.Contains(
            "smallest within 5 points of float, mean and range over seeds",
            File.ReadAllText(_folder.File("r/report.html")));
    }

    [Theory]
    [InlineData("16 for each of 2 seeds", "16", "16")]
    [InlineData("15 in the mean of 2 seeds (14 to 16)", "14", "16")]
    [InlineData("14.67 in the mean of 3 seeds (14 to 16)", "14", "16", "14")]
    [InlineData("15 in the mean of 2 seeds (14 to 16), none for 1", "14", null, "16")]
    [InlineData("14 for 1 seed, none for 2", null, null, "14")]
    [InlineData("none for any of 2 seeds", null, null)]
    public void Words_AreMeanRangeAndWhatIsMissing(string expected, params string?[] values)
    {
        var first = new SmallestValue(
            1, null, "none", "0", 0, "k", "", "float", 1, 1, null, null, null, null, null, null,
            null, null, null);

        Assert.Equal(expected, new SmallestOverSeeds(first, values).ToString());
    }

    private static string InWords(int?[] values)
    {
        int[] found = [.. values.OfType<int>()];
        if (found.Length == 0) return "none for any of 3 seeds";
        string none = found.Length < 3 ? $", none for {3 - found.Length}" : "";
        string seeds = found.Length == 1 ? "1 seed" : $"{found.Length} seeds";
        return found.Distinct().Count() == 1
            ? $"{found[0]} for {(found.Length == 1 ? "" : "each of ")}{seeds}{none}"
            : FormattableString.Invariant(
                $"{found.Average():0.##} in the mean of {seeds} ({found.Min()} to ")
                + $"{found.Max()}){none}";
    }

    private static string[] Row(int?[] values)
    {
        int[] found = [.. values.OfType<int>()];
        return found.Length == 0
            ? ["none", "none", "none", "3"]
            :
            [
                found.Average().ToString("0.##", CultureInfo.InvariantCulture), $"{found.Min()}",
                $"{found.Max()}", $"{3 - found.Length}",
            ];
    }

    /// <summary>From which width on a seed loses two images of 40 at most.</summary>
    private int? Smallest(int seed, string attack)
    {
        Dictionary<string, int> right = File.ReadAllLines(_folder.File("r/cells.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement)
            .Where(c => c.GetProperty("seed").GetInt32() == seed
                && c.GetProperty("attack").GetString() == attack)
            .ToDictionary(
                c => c.GetProperty("target").GetString()!,
                c => c.GetProperty("outcomes").GetString()!.Count(o => o == '1'));
        int? smallest = null;
        foreach (int bits in Bits.Reverse())
        {
            if (right["float"] - right[$"int8-wide bits={bits}"] > 2) break;
            smallest = bits;
        }

        return smallest;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
