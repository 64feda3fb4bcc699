using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary><c>qsim merge</c>: the shards of a study become one run.</summary>
internal static class MergeCommand
{
    private const string ExampleText = """
          qsim run study.yaml --shard 1/2 --out a        on one machine
          qsim run study.yaml --shard 2/2 --out b        on another
          qsim merge whole a b                           the results of an unsharded run, byte for byte
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var output = new Argument<string>("out") { Description = "Folder for the whole; created." };
        var parts = new Argument<string[]>("shards")
        {
            Description = "Folders of runs of the same study.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("merge", "Put the shards of a study together.") { output, parts };
        Examples.AddTo(command, ExampleText);
        command.SetAction(parsed => (int)Merge(
            screen, parsed.GetRequiredValue(output), parsed.GetRequiredValue(parts),
            [.. parsed.Tokens.Select(t => t.Value)]));
        return command;
    }

    private static ExitCode Merge(
        Screen screen, string output, string[] parts, string[] commandLine)
    {
        LoadedRun[] runs = [.. parts.Select(LoadedRun.Read)];
        ResolvedStudy study = runs[0].Study;
        var merged = new MergedRun(runs);
        merged.Check();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        RunDirectory directory = RunDirectory.Create(output, now, overwrite: null, study);
        StudyResults results;
        (int Done, int All) progress;
        try
        {
            using CellStore store = CellStore.Open(directory.Path, study, note: screen.Note);
            merged.Check((store, output));
            directory.Begin(study, anew: false);
            merged.AddTo(store);
            results = merged.Save(directory, commandLine, now);
            progress = new StudyPlan(study).Progress(store);
        }
        catch
        {
            // The shards have all that it would have: half of a whole is of no use to anybody.
            directory.RemoveIfMade();
            throw;
        }

        screen.Note(
            results.Complete
                ? $"Written to {output}: the whole study"
                : $"Written to {output}: {progress.Done} of {progress.All} cells; go on with the "
                    + $"study's command and {ShellLine.Of("--out", output)}");
        return ExitCode.Done;
    }
}
