using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Reports.Text;
using QSim.Runner.Search;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Commands;

/// <summary>Runs a search for someone who watches, and leaves it in a folder.</summary>
/// <param name="screen">Where they look.</param>
/// <param name="asked">What was read.</param>
/// <param name="options">How; its folder is named.</param>
internal sealed class SearchSession(Screen screen, SearchInputs asked, SessionOptions options)
{
    private readonly SearchFolder _folder = new(options.OutputFolder!);

    /// <summary>Runs it; what was measured stays in the folder, however it ends.</summary>
    public ExitCode Run(CancellationToken cancellation)
    {
        _folder.Check(asked.Question);
        if (options.IsDryRun) return Describe();
        Directory.CreateDirectory(_folder.Path);
        using CellStore store = CellStore.Open(_folder.Path, note: screen.Note);
        _folder.Begin(asked.Question);
        if (store.All.Count > 0)
            screen.Note($"{_folder.Path}: {store.All.Count} cells are measured, going on");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.MaxMinutes is { } minutes) limit.CancelAfter(TimeSpan.FromMinutes(minutes));
        try
        {
            SearchResults? results = null;
            ProgressDisplay.Run(
                screen, options.Quiet,
                progress => results = Search(store, progress, limit.Token));
            results = MeasureFront(results!, limit.Token);
            _folder.Save(results);
            Report(results);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            screen.Error(
                (cancellation.IsCancellationRequested ? "interrupted" : "out of time")
                    + $"; what was measured is in {_folder.Path}; go on with: "
                    + options.ToGoOn(_folder.Path));
            return ExitCode.Interrupted;
        }
        catch (IOException e)
        {
            throw new IOException(
                $"{e.Message}; what was measured is kept, the same command goes on: "
                    + options.ToGoOn(_folder.Path), e);
        }
    }

    private ExitCode Describe()
    {
        SearchSettings search = asked.Settings.Search!;
        SearchPlan plan = asked.Plan;
        screen.Line(
            $"free: {string.Join(", ", plan.Keys)}; {plan.Space.Count} designs, start "
                + $"{asked.Inputs.Profiles[0].Name}");
        screen.Line($"objectives: {string.Join(", ", plan.Objectives.Select(o => o.Name))}");
        if (plan.Constraints.Count > 0)
            screen.Line($"constraints: {string.Join("; ", plan.Constraints)}");
        bool isExhaustive = plan.Space.Count <= search.Evaluations;
        screen.Line(
            isExhaustive
                ? $"all of them are measured on {asked.Settings.Images} images"
                : $"{search.Evaluations} of them are looked at, {search.Population} a generation, "
                    + $"on {string.Join("; then ", asked.Rungs.Select(r => r.Name))}");
        screen.Line($"the front is measured on {asked.HeldBack.Settings.Images} other images");
        return ExitCode.Done;
    }

    private SearchResults Search(
        CellStore store, IProgressSink progress, CancellationToken cancellation)
    {
        var named = new NamedProgress(progress);
        using var meter = new SearchMeter(
            asked.Inputs, asked.Plan.Metrics, asked.Plan.Keys,
            new(store, new ContentCache(_folder.Cache), options.Threads, named, cancellation));
        var run = new SearchRun(
            asked.Plan, meter, asked.Rungs, asked.Settings,
            looked => named.Prefix = $"after {Words.Plural(looked, "design")}: ");
        run.Run();
        named.Prefix = "what each key brings: ";
        return new Findings(asked, run).Results();
    }

    /// <summary>The front on images that the search did not see, as a study of its own.</summary>
    private SearchResults MeasureFront(SearchResults results, CancellationToken cancellation)
    {
        if (results.Front.Count == 0) return results;
        var profiles = new List<string> { asked.Settings.Profiles[0] };
        foreach (FoundDesign design in results.Front)
        {
            string name = Path.Combine(SearchFolder.ProfileFolder, $"{design.Name}.yaml");
            _folder.Write(name, Findings.Profile(asked, design, _folder.Path));
            profiles.Add(Path.Combine(_folder.Path, name));
        }

        StudyInputs inputs = asked.Read(asked.HeldBack.Settings with
        {
            Name = $"{asked.Settings.Name}-front",
            Profiles = profiles,
        });
        ResolvedStudy study = inputs.Resolve();
        var hidden = new Screen(
            TextWriter.Null, screen.Err, false, screen.ErrorIsTerminal, colour: false);
        var session = new StudySession(hidden, inputs, options with
        {
            OutputFolder = _folder.Front,
            CacheFolder = _folder.Cache,
            Overwrite = !IsOf(study),
            PrintJson = false,
        });
        if (session.Run(cancellation) == ExitCode.Interrupted)
            throw new OperationCanceledException();
        return new HeldBackFigures(asked.Plan, LoadedRun.Read(_folder.Front)).Of(results);
    }

    /// <summary>Whether the front's folder is free, or holds the front's own run.</summary>
    private bool IsOf(ResolvedStudy study)
    {
        try
        {
            RunDirectory.Check(_folder.Front, overwrite: false, study);
            return true;
        }
        catch (RequestException)
        {
            return false;
        }
    }

    private void Report(SearchResults results)
    {
        string[] commands =
        [
            $"This search: {options.ToGoOn(_folder.Path)}",
            $"The front on the images held back: qsim run {_folder.Front}/study.json --out again",
        ];
        var report = new SearchReport(results, asked.Plan, commands);
        _folder.Write(report.Document());
        if (options.PrintJson)
        {
            screen.Out.Write(Json.Of(results));
            return;
        }

        foreach (string line in new SearchWords(results, asked.Plan).Lead()
            .SelectMany(l => Words.Wrapped(l, 100)))
            screen.Line(line);
        screen.Line();
        foreach (TextTable table in TextTables.Of(report.FrontTable())) table.Write(screen);
        if (!options.Quiet)
            screen.Note(
                $"Written to {_folder.Path}: {ReportFiles.HtmlFile}, profiles/, front/, front.csv, "
                    + $"designs.csv, {SearchFolder.ResultFile}");
    }

    /// <summary>Says where in the search a stage belongs.</summary>
    private sealed class NamedProgress(IProgressSink inner) : IProgressSink
    {
        public string Prefix { get; set; } = "";

        public void Begin(string stage) => inner.Begin(Prefix + stage);

        public void Report(double share, string detail) => inner.Report(share, detail);
    }
}
