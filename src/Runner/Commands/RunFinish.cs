using QSim.Runner.Cluster;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>
/// Puts together what tasks measured. Where nothing is missing, the run's folder is finished as
/// 'qsim run' would: it finds every cell there, and makes examples, results and report.
/// </summary>
/// <param name="screen">Where somebody looks.</param>
/// <param name="run">The run.</param>
/// <param name="commandLine">What was typed.</param>
internal sealed class RunFinish(Screen screen, SubmittedRun run, IReadOnlyList<string> commandLine)
{
    /// <summary>Print results.json, not the table.</summary>
    public bool PrintJson { get; init; }

    /// <summary>Puts it together; says what is missing, if anything is.</summary>
    /// <param name="inputs">Reads the study, where nothing is missing.</param>
    /// <param name="cancellation">Stops it; the same again goes on.</param>
    /// <exception cref="RequestException">Tasks disagree, or none has done anything.</exception>
    public ExitCode Run(Func<StudyInputs> inputs, CancellationToken cancellation)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        if (!Gather(started)) return ExitCode.GateFailed;
        var options = new SessionOptions
        {
            CommandLine = commandLine,
            Threads = run.Plan.Threads,
            OutputFolder = run.Path,
            CacheFolder = run.Plan.CacheFolder,
            PrintJson = PrintJson,
        };
        return new StudySession(screen, inputs(), options).Run(cancellation);
    }

    /// <summary>Whether nothing is missing once the folder has the tasks' cells.</summary>
    private bool Gather(DateTimeOffset started)
    {
        IReadOnlyList<LoadedRun> parts = run.Parts();
        if (parts.Count == 0)
            throw new RequestException($"{run.Path}: no task has measured anything yet");
        if (parts.SelectMany(p => p.Store.Damaged).FirstOrDefault() is { } damaged)
            screen.Note($"{damaged}; its task measures it again");
        var merged = new MergedRun(parts);
        merged.Check();
        RunDirectory directory = RunDirectory.Open(run.Path);
        using CellStore store = CellStore.Open(run.Path, run.Study, note: screen.Note);
        merged.Check((store, run.Path));
        merged.AddTo(store);
        foreach (LoadedRun part in parts) CopyNetworks(part.Path);
        string[] missing =
            [.. new StudyPlan(run.Study).Jobs().Select(j => j.Key).Distinct()
                .Where(key => store.Find(key) is null)];
        if (missing.Length == 0) return true;
        merged.Save(directory, commandLine, started);
        string lacking = TaskNumbers.Write(
            run.Tasks().Where(t => !t.IsDone).Select(t => t.Number));
        screen.Error(
            $"{run.Path}: {run.CellCount - missing.Length} of {run.CellCount} cells; tasks "
                + $"{lacking} lack some: the same 'qsim submit' goes on with them");
        return false;
    }

    /// <summary>Networks that tasks trained or loaded; all have the same bytes.</summary>
    private void CopyNetworks(string from)
    {
        string there = Path.Combine(from, RunDirectory.NetworkFolder);
        string here = Path.Combine(run.Path, RunDirectory.NetworkFolder);
        if (OwnFile.IsLink(there) || OwnFile.IsLink(here))
            throw new IOException($"{there}: is a link where a folder of QSim's own is needed");
        if (!Directory.Exists(there)) return;
        foreach (string file in Directory.GetFiles(there))
            if (Path.Combine(here, Path.GetFileName(file)) is var copy && !OwnFile.Exists(copy)
                && !file.EndsWith(WholeFile.Temporary, StringComparison.Ordinal)
                && OwnFile.Read(file) is { } bytes)
                WholeFile.Replace(copy, bytes);
    }
}
