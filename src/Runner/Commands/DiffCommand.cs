using System.CommandLine;
using System.Globalization;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Differences;

namespace QSim.Runner.Commands;

/// <summary><c>qsim diff</c>: two runs, paired image by image.</summary>
internal static class DiffCommand
{
    private const string ExampleText = """
          qsim diff runs/before runs/after
          qsim diff runs/before runs/after --fail-if "robust drops more than 1.0"    exits 1 where it does
        """;

    private static readonly string[] Columns =
    [
        "attack",
        "epsilon",
        "first %",
        "second %",
        "change",
        "only first",
        "only second",
        "p",
        "p (Holm)",
    ];

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var first = new Argument<string>("first") { Description = "Folder of a run." };
        var second = new Argument<string>("second")
        {
            Description = "Folder of a run on the same images.",
        };
        var gates = new Option<string[]>("--fail-if")
        {
            Description =
                "Exit 1 where 'robust' or 'clean' accuracy 'drops more than' so many points. "
                    + "Repeat it for more.",
            HelpName = "sentence",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of the table." };
        var command = new Command(
            "diff", "Compare two runs image by image; targets are paired by name.")
        {
            first, second, gates, json,
        };
        Examples.AddTo(command, ExampleText);
        command.SetAction(parsed =>
        {
            Gate[] asked = [.. (parsed.GetValue(gates) ?? []).Select(Gate.Parse)];
            RunDifference difference = RunDifference.Between(
                LoadedRun.Read(parsed.GetRequiredValue(first)),
                LoadedRun.Read(parsed.GetRequiredValue(second)));
            foreach (Gate gate in asked) gate.Check(difference);
            if (parsed.GetValue(json))
                screen.Out.Write(Json.Of(difference));
            else
                Print(screen, difference);
            string[] violations = [.. asked.SelectMany(g => g.Violations(difference))];
            foreach (string violation in violations) screen.Error($"gate failed: {violation}");
            return (int)(violations.Length > 0 ? ExitCode.GateFailed : ExitCode.Done);
        });
        return command;
    }

    private static void Print(Screen screen, RunDifference difference)
    {
        bool hasSeeds = difference.Lines.Select(l => l.Seed).Distinct().Count() > 1;
        // Names of swept targets are long: each has a table of its own, and lines stay within a
        // terminal.
        foreach (var target
            in difference.Lines.GroupBy(l =>
                l.Target + (hasSeeds ? $" seed {l.Seed}" : "")))
        {
            new TextTable(Columns, [.. target.Select(Cells)])
            {
                Title = target.Key,
                RightAligned = Enumerable.Range(1, Columns.Length - 1).ToHashSet(),
            }.Write(screen);
            screen.Line();
        }

        screen.Line(
            "p: McNemar's exact test on the same images; Holm: corrected for "
                + (difference.Lines.Count == 1 ? "this comparison."
                    : $"these {difference.Lines.Count} comparisons."));
        foreach (string what in difference.Unpaired) screen.Line(what);
        if (difference.OnlyOne.Count > 0)
            screen.Line($"Only in one of the two: {string.Join(", ", difference.OnlyOne)}");
    }

    private static string[] Cells(DifferenceLine line) =>
        [
            line.Threat is { } threat
                ? $"{EnumWord.Of(threat)} {line.Attack}"
                : "clean",
            line.Epsilon,
            Number(100 * line.First),
            Number(100 * line.Second),
            Number(line.Change, "+0.0;-0.0;0.0"),
            $"{line.OnlyFirst}",
            $"{line.OnlySecond}",
            Number(line.P, "0.000"),
            Number(line.PHolm, "0.000"),
        ];

    private static string Number(double value, string format = "0.0") =>
        value.ToString(format, CultureInfo.InvariantCulture);
}
