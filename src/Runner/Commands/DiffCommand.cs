using System.CommandLine;
using System.Globalization;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary><c>qsim diff</c>: two runs, paired image by image.</summary>
public static class DiffCommand
{
    private const string ExampleText = """
          qsim diff runs/before runs/after
          qsim diff runs/before runs/after --fail-if "robust drops more than 1.0"    exits 1 where it does
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var first = new Argument<string>("first") { Description = "Folder of a run." };
        var second = new Argument<string>("second") { Description = "Folder of a run on the same images." };
        var gates = new Option<string[]>("--fail-if")
        {
            Description = "Exit 1 where 'robust' or 'clean' accuracy 'drops more than' so many points. Repeat it for more.",
            HelpName = "sentence",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of the table." };
        var command = new Command("diff", "Compare two runs image by image; targets are paired by name.")
        {
            first, second, gates, json,
        };
        Examples.AddTo(command, ExampleText);
        command.SetAction(parsed =>
        {
            Gate[] asked = [.. (parsed.GetValue(gates) ?? []).Select(Gate.Parse)];
            RunDifference difference = RunDifference.Between(
                LoadedRun.Read(parsed.GetRequiredValue(first)), LoadedRun.Read(parsed.GetRequiredValue(second)));
            if (parsed.GetValue(json)) screen.Out.Write(Json.Of(difference));
            else Print(screen, difference);
            string[] violations = [.. asked.SelectMany(g => g.Violations(difference))];
            foreach (string violation in violations) screen.Error($"gate failed: {violation}");
            return (int)(violations.Length > 0 ? ExitCode.GateFailed : ExitCode.Done);
        });
        return command;
    }

    private static void Print(Screen screen, RunDifference difference)
    {
        bool hasSeeds = difference.Lines.Select(l => l.Seed).Distinct().Count() > 1;
        new TextTable(
            ["target", "attack", "epsilon", "first %", "second %", "change", "only first", "only second", "p", "p (Holm)"],
            [
                .. difference.Lines.Select(l => new[]
                {
                    l.Target + (hasSeeds ? $" seed {l.Seed}" : ""), l.Threat is null ? "clean" : l.Attack, l.Epsilon,
                    Number(100 * l.First), Number(100 * l.Second), Number(l.Change, "+0.0;-0.0;0.0"), $"{l.OnlyFirst}",
                    $"{l.OnlySecond}", Number(l.P, "0.000"), Number(l.PHolm, "0.000"),
                }),
            ])
        {
            RightAligned = Enumerable.Range(2, 8).ToHashSet(),
        }.Write(screen);
        screen.Line(
            $"p: McNemar's exact test on the same images; Holm: corrected for these {difference.Lines.Count} comparisons.");
        if (difference.OnlyOne.Count > 0) screen.Line($"Only in one of the two: {string.Join(", ", difference.OnlyOne)}");
    }

    private static string Number(double value, string format = "0.0") => value.ToString(format, CultureInfo.InvariantCulture);
}
