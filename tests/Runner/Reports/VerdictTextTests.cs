using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies;

namespace QSim.Runner.Tests.Reports;

public class VerdictTextTests
{
    private static readonly StudyResults Nothing = new()
    {
        Complete = true,
        Study = new(),
        Models = [],
        Accuracy = [],
        Crossovers = [],
        Events = [],
    };

    [Fact]
    public void Lines_Believable_IsOneLine() => Assert.Equal(
        ["Verdict: believable: nothing found"],
        VerdictText.Lines(Nothing with { Verdict = new(true, "believable: nothing found") }));

    [Fact]
    public void Lines_ManyTargets_GoOnIndentedWithinAHundredColumns()
    {
        string line = "not believable as it stands for " + string.Join(
            ", ", Enumerable.Range(0, 20).Select(i => $"chip-{i} (zero_gradients {i}x)"));
        string[] lines = [.. VerdictText.Lines(Nothing with { Verdict = new(false, line) })];
        Assert.True(lines.Length > 3);
        Assert.All(lines, l => Assert.InRange(l.Length, 1, 100));
        Assert.All(lines[1..], l => Assert.StartsWith("  ", l));
        Assert.Equal("Verdict: " + line, string.Join(' ', lines.Select(l => l.TrimStart())));
    }

    [Fact]
    public void Lines_SomethingMissing_AreNone() => Assert.Empty(VerdictText.Lines(Nothing));

    [Theory]
    [InlineData(12, 12, null)]
    [InlineData(15, 13, "warning: and 3 more in doubts.csv")]
    public void Warn_ManyDoubts_LeavesTheRestToTheFile(int doubts, int lines, string? last)
    {
        using var errors = new StringWriter();
        var screen = new Screen(TextWriter.Null, errors, false, false, false);
        VerdictText.Warn(screen, Nothing with
        {
            Doubts = [.. Enumerable.Range(0, doubts).Select(i => new StudyDoubt(
                1, ThreatModel.Hardware, "chip", "pgd", "0.1", "zero_gradients", $"found {i}"))],
        });
        string[] written = errors.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(lines, written.Length);
        Assert.Equal("warning: zero_gradients: found 0", written[0]);
        if (last is not null) Assert.Equal(last, written[^1]);
    }
}
