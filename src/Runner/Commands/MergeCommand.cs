using System.CommandLine;
using QSim.Attacks.Evaluation.Checks;
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
        byte[] written = runs[0].StudyBytes();
        if (runs.FirstOrDefault(r => !written.SequenceEqual(r.StudyBytes())) is { } other)
            throw new RequestException(
                $"{other.Path}: is a run of another study than {runs[0].Path}");
        ResolvedStudy study = runs[0].Study;
        CheckAgreement(runs);
        var networks = new MeasuredNetworks(study);
        foreach (LoadedRun run in runs) networks.Add(run.Store, run.Path);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        RunDirectory directory = RunDirectory.Create(output, now, overwrite: false, study);
        using CellStore store = CellStore.Open(directory.Path, study, note: screen.Note);
        directory.Begin(study, anew: false);
        networks.Add(store, output);
        foreach (CellRecord cell in runs.SelectMany(r => r.Store.All)) store.Append(cell);
        StudyResults results = LoadedRun.Read(output).Results();
        RunRecorder.SaveResults(directory, results);
        var manifest = new Manifest
        {
            Status = results.Complete ? Manifest.Finished : "partial",
            CommandLine = commandLine,
            Seed = study.Settings.Seed,
            Inputs =
            [
                .. runs.Select(r => new ManifestInput(
                    "shard", r.Path, r.Path, Data.Digest.Of(r.StudyBytes()))),
            ],
            Backends = new Dictionary<string, string>(),
            Host = Surroundings.Host(),
            GitCommit = Surroundings.Commit(),
            Started = now,
            Seconds = new Dictionary<string, double>(),
        };
        string? hardware = runs
            .Where(r => r.HasWholeSides())
            .Select(r => r.Text(HardwareDescription.FileName))
            .FirstOrDefault(t => t is not null);
        if (hardware is not null)
            directory.Write(HardwareDescription.FileName, hardware);
        RunRecorder.SaveReport(directory, manifest, store.All.Count);
        directory.Write(RunDirectory.ManifestFile, SealedJson.Of(manifest));
        int measured = runs.SelectMany(r => r.Store.All).DistinctBy(c => c.Key).Count();
        int total = new StudyPlan(study).Count;
        screen.Note(
            results.Complete
                ? $"Written to {output}: the whole study"
                : $"Written to {output}: {measured} of {total} cells; go on with the study's "
                    + $"command and --out {output}");
        return ExitCode.Done;
    }

    private static void CheckAgreement(LoadedRun[] runs)
    {
        foreach (var same
            in runs
                .SelectMany(r => r.Store.All.Select(cell => (r.Path, cell)))
                .GroupBy(c => c.cell.Key))
        {
            var first = same.First();
            var other = same.FirstOrDefault(c => Measured(c.cell) != Measured(first.cell));
            if (other.Path is null) continue;
            throw new RequestException(
                $"{other.Path} and {first.Path} measured the same cell differently: "
                    + $"{other.cell.Target}, {other.cell.Attack}, epsilon {other.cell.Epsilon}, "
                    + $"seed {other.cell.Seed}");
        }
    }

    private static (string, AttackEvidence?) Measured(CellRecord cell) =>
        (cell.Outcomes, cell.Evidence);
}
