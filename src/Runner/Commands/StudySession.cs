using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Sections;
using QSim.Runner.Reports.Text;
using QSim.Runner.Silicon.Costs;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Costs;
using QSim.Runner.Studies.Saved;

namespace QSim.Runner.Commands;

/// <summary>
/// Runs a study for someone who watches: progress, the folder, the table, what to do next.
/// </summary>
/// <param name="screen">Where they look.</param>
/// <param name="inputs">The study.</param>
/// <param name="options">How.</param>
internal sealed class StudySession(Screen screen, StudyInputs inputs, SessionOptions options)
{
    private readonly ResolvedStudy _study = inputs.Resolve();

    /// <summary>Runs it; leaves whatever was finished in the folder, however it ends.</summary>
    public ExitCode Run(CancellationToken cancellation)
    {
        if (options.Shard != Shard.Whole && inputs.Settings.StopAtChance)
            throw new RequestException(
                "--shard needs --epsilons: without them a run leaves out larger budgets once "
                    + "accuracy is at chance, which a shard cannot know");
        CheckFolders();
        if (options.IsDryRun)
            return DryRun.Show(screen, inputs, options, cancellation);
        DateTimeOffset started = DateTimeOffset.UtcNow;
        RunDirectory directory = RunDirectory.Create(
            options.OutputFolder, started, options.Overwrite, _study);
        try
        {
            return RunIn(directory, started, cancellation);
        }
        finally
        {
            directory.RemoveIfEmpty();
        }
    }

    private ExitCode RunIn(
        RunDirectory directory, DateTimeOffset started, CancellationToken cancellation)
    {
        using CellStore store = CellStore.Open(
            directory.Path, _study, options.Overwrite, screen.Note);
        try
        {
            directory.Begin(_study, options.Overwrite);
            var cache = new ContentCache(
                options.CacheFolder ?? Path.Combine(directory.Path, RunDirectory.CacheFolder));
            var work = new StudyWork(_study, store, cache, options.Shard)
            {
                Saved = options.SaveImages is { } images
                    ? SavedImages.Open(images, options.SavePng, _study)
                    : null,
            };
            if (directory.IsFinished() && !work.IsPartial() && work.MissingCount() == 0
                && new LoadedRun(directory.Path, _study, store).HasWholeSides())
                return AlreadyDone(directory, work);
            if (store.All.Count > 0)
                screen.Note($"{directory.Path}: {store.All.Count} cells are measured, going on");
            var recorder = new RunRecorder(directory, inputs, options.CommandLine, started)
            {
                CellsBefore = store.All.Count,
            };
            return Finish(
                directory, work, Work(work, new NetworkCache(cache), recorder, cancellation));
        }
        catch (IOException e) when (!options.IsPart)
        {
            throw options.Kept(e, directory.Path);
        }
    }

    /// <summary>What a run writes to; a dry run says what the run would.</summary>
    private void CheckFolders()
    {
        if (inputs.Settings.Cost is { } cost) StudyCosts.Request(cost);
        if (options.CacheFolder is { } cache) NewFolder.Check(cache, "--cache");
        if (options.SaveImages is { } images) SavedImages.Check(images, _study);
        if (options.OutputFolder is { } folder)
            RunDirectory.Check(folder, options.Overwrite, _study);
        else
            NewFolder.Check(RunDirectory.DefaultFolder, "--out");
    }

    private ExitCode AlreadyDone(RunDirectory directory, StudyWork work)
    {
        if (!options.IsPart)
            screen.Note(
                $"{directory.Path}: this run is finished, nothing was left to do (--overwrite runs "
                    + "it again)");
        StudyResults results = Results(directory, work);
        if (options.PrintJson) screen.Out.Write(Json.Of(results));
        else Print(results);
        return ExitCode.Done;
    }

    /// <summary>
    /// Works until there is nothing left or it is stopped; returns how that went.
    /// </summary>
    private string Work(
        StudyWork work, NetworkCache networks, RunRecorder recorder, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = options.Limit(cancellation);
        string status = "failed";
        string Ended(string? how) =>
            status = how ?? (cancellation.IsCancellationRequested ? "interrupted" : "out of time");
        try
        {
            ProgressDisplay.Run(screen, progress =>
            {
                var runner = new StudyRunner(inputs, work, networks, options.Threads, progress)
                {
                    Trained = recorder.Save,
                };
                Work(
                    runner, work, recorder,
                    stop => StudyCosts.Make(
                        inputs, work, networks, options.Threads, progress, stop),
                    Ended, limit.Token);
            });
        }
        catch (OperationCanceledException)
        {
            // Whoever stopped it knows; the status says which of them.
        }
        catch (Exception e) when (Failures.IsRefusal(e) && work.Measured == 0)
        {
            recorder.Withdraw();
            throw;
        }

        return status;
    }

    private void Work(
        StudyRunner runner, StudyWork work, RunRecorder recorder,
        Func<CancellationToken, RunCosts> costs, Func<string?, string> ended,
        CancellationToken cancellation)
    {
        string status = "failed";
        recorder.Describe();
        recorder.Stamp(recorder.Describe(Manifest.Running, runner.Backends, runner.Seconds));
        try
        {
            runner.Run(cancellation);
            bool isPartial = work.IsPartial();
            if (options.IsTask)
            {
                status = ended(Manifest.Partial);
                return;
            }

            if (!isPartial) recorder.Save(runner.Examples(cancellation));
            if (!isPartial && work.PricesCircuits) recorder.Save(costs(cancellation));
            status = ended(isPartial ? Manifest.Partial : Manifest.Finished);
        }
        catch (OperationCanceledException)
        {
            status = ended(null);
            throw;
        }
        finally
        {
            work.Check();
            if (options.IsTask)
                recorder.Stamp(recorder.Describe(status, runner.Backends, runner.Seconds));
            else
                recorder.Close(
                    work.Results(), work.Measured,
                    () => recorder.Describe(status, runner.Backends, runner.Seconds));
        }
    }

    private ExitCode Finish(RunDirectory directory, StudyWork work, string status)
    {
        if (status is "interrupted" or "out of time")
        {
            if (!options.IsPart)
                screen.Error(
                    $"{status}; what was finished is in {directory.Path}; go on with: "
                        + $"{options.ToGoOn(directory.Path)}");
            return ExitCode.Interrupted;
        }

        if (options.IsTask) return ExitCode.Done;
        StudyResults results = Results(directory, work);
        if (options.PrintJson) screen.Out.Write(Json.Of(results));
        else if (results.Complete) Print(results);
        if (screen.IsQuiet) return ExitCode.Done;
        if (_study.HasOneSet) screen.Note(WarningSection.OneSet);
        StudyNetwork.Warn(screen, inputs.Loaded?.Doubt, inputs.Settings.Profiles);
        VerdictText.Warn(screen, results);
        if (status == Manifest.Partial)
            screen.Note(
                $"Shard {options.Shard.Index}/{options.Shard.Count} is in {directory.Path}; put "
                    + "them together with 'qsim merge'");
        screen.Note(
            $"Written to {directory.Path}: {ReportFiles.HtmlFile}, {ReportFiles.MarkdownFile}, "
                + "results.json, results.csv and other CSV files, cells.jsonl, manifest.json");
        if (inputs.File is null)
            screen.Note(
                "Next: qsim profiles show int4 > mine.yaml, change it, qsim run --profile "
                    + "mine.yaml (or --help)");
        return ExitCode.Done;
    }

    private static StudyResults Results(RunDirectory directory, StudyWork work)
    {
        StudyResults results = work.Results();
        return results with { Cost = RunCosts.Read(directory.Path, results.Study) };
    }

    private void Print(StudyResults results)
    {
        var data = new ReportData(_study, results);
        string[] lead = [.. ConsoleReport.Lead(data)];
        foreach (string line in lead) screen.Line(line);
        if (lead.Length > 0) screen.Line();
        foreach (TextTable table in ConsoleReport.Tables(data)) table.Write(screen);
        foreach (string line in ConsoleReport.Legend(data).Concat(VerdictText.Lines(results)))
            screen.Line(line);
    }
}
