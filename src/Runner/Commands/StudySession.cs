using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary>Runs a study for someone who watches: progress, the folder, the table, what to do next.</summary>
/// <param name="screen">Where they look.</param>
/// <param name="inputs">The study.</param>
public sealed class StudySession(Screen screen, StudyInputs inputs)
{
    /// <summary>What was typed.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>Most threads; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>The folder that the user named; null for one by time.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Whether that folder may hold a run.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Print JSON, not the table.</summary>
    public bool PrintJson { get; init; }

    /// <summary>Show no progress.</summary>
    public bool Quiet { get; init; }

    /// <summary>Runs it; leaves whatever was finished in the folder, however it ends.</summary>
    public ExitCode Run(CancellationToken cancellation)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        RunDirectory directory = RunDirectory.Create(OutputFolder, started, Overwrite);
        var recorder = new RunRecorder(directory, inputs, CommandLine, started);
        try
        {
            StudyResults? results = null;
            ProgressDisplay.Run(screen, Quiet, progress => results = Run(recorder, progress, cancellation));
            Show(results!, directory);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            screen.Error($"interrupted; what was finished is in {directory.Path}");
            return ExitCode.Interrupted;
        }
    }

    private StudyResults Run(RunRecorder recorder, IProgressSink progress, CancellationToken cancellation)
    {
        var runner = new StudyRunner(inputs, Threads, progress, recorder.Save);
        string status = "failed";
        recorder.Stamp("running", runner.Backends, runner.Seconds);
        try
        {
            StudyResults results = runner.Run(cancellation);
            status = "finished";
            return results;
        }
        catch (OperationCanceledException)
        {
            status = "interrupted";
            throw;
        }
        finally
        {
            recorder.Stamp(status, runner.Backends, runner.Seconds);
        }
    }

    private void Show(StudyResults results, RunDirectory directory)
    {
        if (PrintJson) screen.Out.Write(Json.Of(results));
        else Print(results);
        if (Quiet) return;
        screen.Note($"Written to {directory.Path}: results.json, results.csv, crossovers.csv, events.csv, manifest.json");
        screen.Note("Next: qsim profiles show int4 > mine.yaml, change it, qsim run --profile mine.yaml (or --help)");
    }

    private void Print(StudyResults results)
    {
        foreach (TextTable table in ResultsTable.Create(results)) table.Write(screen);
        foreach (string line in ResultsTable.Legend(results)) screen.Line(line);
    }
}
