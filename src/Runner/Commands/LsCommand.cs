using System.CommandLine;
using System.Globalization;
using QSim.Runner.Cluster;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;

namespace QSim.Runner.Commands;

/// <summary><c>qsim ls</c>: the runs in a folder.</summary>
internal static class LsCommand
{
    private const string ExampleText = """
          qsim ls                 the runs in runs/
          qsim ls /data/studies   those of another folder
          qsim ls my-run          that run

        Status: running; finished; partial, where a shard of it is finished; interrupted or failed, as
        the run itself said; unfinished, where it was killed or lacks cells; submitted ('qsim status'
        says more); damaged. The same command as before goes on with what is not finished.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var folder = new Argument<string?>("folder")
        {
            Description = $"Where runs are, or one run (default: {RunDirectory.DefaultFolder}).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("ls", "List runs: when each began, what it asked, how far it is.")
        {
            folder,
        };
        Examples.AddTo(command, ExampleText);
        command.SetAction(parsed => (int)List(
            screen, parsed.GetValue(folder) ?? RunDirectory.DefaultFolder));
        return command;
    }

    private static ExitCode List(Screen screen, string folder)
    {
        FoundFolder.Check(folder);
        string[] runs = LoadedRun.IsRun(folder)
            ? [folder]
            :
            [
                .. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
                    .Where(LoadedRun.IsRun),
            ];
        if (runs.Length == 0)
            screen.Line($"no runs in {folder}");
        else
            new TextTable(
                [
                    "run", "started (UTC)", "study", "data", "network", "status", "cells",
                    "targets", "seeds",
                ],
                [.. runs.Select(Row)])
            {
                RightAligned = new HashSet<int> { 6, 7, 8 },
            }.Write(screen);
        return ExitCode.Done;
    }

    private static string[] Row(string path)
    {
        try
        {
            LoadedRun run = LoadedRun.Read(path);
            (int done, int wanted) = new StudyPlan(run.Study).Progress(run.Store);
            string status = done < wanted && run.Status() == Manifest.Finished
                ? Manifest.Unfinished
                : run.Status();
            // Tasks have cells and manifests of their own, until somebody puts them together.
            if (status == Manifest.Unknown && Submission.Read(path) is { } submission)
            {
                status = "submitted";
                var submitted = new SubmittedRun(path, submission, run.Study);
                (done, wanted) = (submitted.DoneCount, submitted.CellCount);
            }

            return
            [
                path,
                Started(run),
                run.Study.Settings.Name,
                Short(run.Study.Settings.Dataset),
                Short(run.Study.Settings.Network),
                status,
                $"{done}/{wanted}",
                $"{run.Study.Targets.Count}",
                $"{run.Study.Settings.Seeds.Count}",
            ];
        }
        catch (Exception e) when (e is RequestException or InputException)
        {
            return [path, "", "", "", "", "damaged", "", "", ""];
        }
    }

    private static string Started(LoadedRun run) =>
        run.Side<Manifest>(RunDirectory.ManifestFile, _ => true, null)?.Started
            .ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    private static string Short(string name) =>
        Brief.Name(Path.GetFileName(Path.TrimEndingDirectorySeparator(name)));
}
