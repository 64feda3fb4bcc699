using System.Text.RegularExpressions;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Progress as a terminal shows it, in a pseudo-terminal of several widths.</summary>
public partial class TerminalTests
{
    [SkippableTheory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void Progress_InATerminal_KeepsItsBarAndItsClockOnOneLine(int columns)
    {
        Skip.If(Programs.Find("script") is null, "no 'script' (Debian: bsdutils)");
        using var folder = new TemporaryFolder();
        string qsim = Path.Combine(AppContext.BaseDirectory, "qsim");
        File.WriteAllText(folder.File("go.sh"), $"""
            stty cols {columns} rows 30
            '{qsim}' run --profile int8-acc-wrap --images 10 --epochs 1 --attacks fgsm \
              --epsilons 16/255 --out r
            """);
        Finished run = Ends.Of(new System.Diagnostics.ProcessStartInfo(
            Programs.Find("script")!, ["-qefc", "sh go.sh", "typescript"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            Environment = { ["TERM"] = "xterm-256color", ["LANG"] = "C.UTF-8" },
        });

        string[] lines =
        [
            .. Control().Replace(Colour().Replace(run.Out, ""), "\n").Split('\n', '\r')
                .Where(l => l.Trim().Length > 0),
        ];
        Assert.Equal(0, run.ExitCode);
        string[] bars = [.. lines.Where(l => Percent().IsMatch(l))];
        Assert.All(bars, l => Assert.InRange(l.Length, 1, columns));
        Assert.Contains(bars, l => l.StartsWith("attack with fgsm") && l.Contains("━━━━━━━━"));
        Assert.All(bars, l => Assert.Matches(@"^\S.* [━ -]+ \d+% [\d-]+:[\d-]+:[\d-]+ *$", l));
        Assert.DoesNotContain(lines, l => Clock().IsMatch(l) && !Percent().IsMatch(l));
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colour();

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")]
    private static partial Regex Control();

    [GeneratedRegex(@"\d% [\d-][\d-]:")]
    private static partial Regex Percent();

    [GeneratedRegex(@"\d\d:\d\d:")]
    private static partial Regex Clock();
}
