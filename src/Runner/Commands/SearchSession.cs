using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Search;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Silicon.Costs;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Commands;

/// <summary>Runs a search for someone who watches, and leaves it in a folder.</summary>
/// <param name="screen">Where they look.</param>
/// <param name="asked">What was read.</param>
/// <param name="options">How; its folder is named.</param>
internal sealed class SearchSession(Screen screen, SearchInputs asked, SessionOptions options)
    : FolderSession<SearchResults>(screen, options)
{
    /// <inheritdoc/>
    protected override SearchQuestion Question => asked.Question;

    /// <inheritdoc/>
    protected override void Check()
    {
        if (asked.Settings.Cost is { } cost) StudyCosts.Request(cost);
    }

    /// <inheritdoc/>
    protected override IEnumerable<string> Plan()
    {
        SearchSettings search = asked.Settings.Search!;
        SearchPlan plan = asked.Plan;
        yield return $"free: {string.Join(", ", plan.Keys)}; {plan.Space.Count} designs, start "
            + $"{asked.Inputs.Profiles[0].Name}";
        yield return $"objectives: {string.Join(", ", plan.Objectives.Select(o => o.Name))}";
        if (plan.Constraints.Count > 0)
            yield return $"constraints: {string.Join("; ", plan.Constraints)}";
        bool isExhaustive = plan.Space.Count <= search.Evaluations;
        yield return isExhaustive
            ? $"all of them are measured on {asked.Settings.Images} images"
            : $"{search.Evaluations} of them are looked at, {search.Population} a generation, "
                + $"on {string.Join("; then ", asked.Rungs.Select(r => r.Name))}";
        yield return $"the front is measured on {asked.HeldBack.Settings.Images} other images";
    }

    /// <inheritdoc/>
    protected override SearchResults Measure(SearchCells cells)
    {
        var named = new NamedProgress(cells.Progress);
        using var meter = new SearchMeter(
            asked.Inputs, asked.Plan.Metrics, asked.Plan.Keys, cells with { Progress = named });
        var run = new SearchRun(
            asked.Plan, meter, asked.Rungs, asked.Settings,
            looked => named.Prefix = $"after {Words.Plural(looked, "design")}: ");
        run.Run();
        named.Prefix = "what each key brings: ";
        return new Findings(asked, run).Results();
    }

    /// <inheritdoc/>
    protected override void Finish(SearchResults results, CancellationToken cancellation)
    {
        results = MeasureFront(results, cancellation);
        Folder.Save(results);
        var report = new SearchReport(results, asked.Plan,
        [
            $"This search: {Options.ToGoOn(Folder.Path)}",
            $"The front on the images held back: qsim run {Folder.Front}/study.json --out again",
        ]);
        Folder.Write(report.Document());
        var words = new SearchWords(results, asked.Plan);
        Show(
            results, words.Doubt() is { } doubt ? words.Lead().Append(doubt) : words.Lead(),
            report.FrontTable(),
            $"profiles/, front/, front.csv, designs.csv, {SearchFolder.ResultFile}");
    }

    /// <summary>The front on images that the search did not see, as a study of its own.</summary>
    private SearchResults MeasureFront(SearchResults results, CancellationToken cancellation)
    {
        Folder.ForgetProfiles(results.Front.Count);
        if (results.Front.Count == 0) return results;
        var profiles = new List<string> { asked.Settings.Profiles[0] };
        foreach (FoundDesign design in results.Front)
        {
            string name = Path.Combine(SearchFolder.ProfileFolder, $"{design.Name}.yaml");
            Folder.Write(name, Findings.Profile(asked, design, Folder.Path));
            profiles.Add(Path.Combine(Folder.Path, name));
        }

        StudyInputs inputs = asked.Read(asked.HeldBack.Settings with
        {
            Name = $"{asked.Settings.Name}-front",
            Profiles = profiles,
        });
        ResolvedStudy study = inputs.Resolve();
        var hidden = new Screen(
            TextWriter.Null, Screen.Err, false, Screen.ErrorIsTerminal, colour: false)
        {
            IsQuiet = Screen.IsQuiet,
        };
        var session = new StudySession(hidden, inputs, Options with
        {
            OutputFolder = Folder.Front,
            CacheFolder = Folder.Cache,
            Overwrite = Options.Overwrite || !IsOf(study),
            PrintJson = false,
            IsPart = true,
        });
        if (session.Run(cancellation) == ExitCode.Interrupted)
            throw new OperationCanceledException();
        return new HeldBackFigures(asked.Plan, LoadedRun.Read(Folder.Front)).Of(results);
    }

    /// <summary>Whether the front's folder is free, or holds the front's own run.</summary>
    private bool IsOf(ResolvedStudy study)
    {
        try
        {
            RunDirectory.Check(Folder.Front, overwrite: false, study);
            return true;
        }
        catch (RequestException)
        {
            return false;
        }
    }

    /// <summary>Says where in the search a stage belongs.</summary>
    private sealed class NamedProgress(IProgressSink inner) : IProgressSink
    {
        public string Prefix { get; set; } = "";

        public void Begin(string stage) => inner.Begin(Prefix + stage);

        public void Report(double share, string detail) => inner.Report(share, detail);
    }
}
