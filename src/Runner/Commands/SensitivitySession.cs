using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Reports.Text;
using QSim.Runner.Search;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Search.Sensitivity;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Commands;

/// <summary>Narrows a profile bit by bit for someone who watches.</summary>
/// <param name="screen">Where they look.</param>
/// <param name="inputs">Network, images and the one profile.</param>
/// <param name="options">How; its folder is named.</param>
internal sealed class SensitivitySession(
    Screen screen, StudyInputs inputs, SessionOptions options)
{
    private readonly SearchFolder _folder = new(options.OutputFolder!);

    private readonly Metric[] _metrics =
    [
        new(MetricKind.Clean),
        .. inputs.Settings.Epsilons.Select(e => new Metric(MetricKind.Worst, e)),
    ];

    /// <summary>Runs it; what was measured stays in the folder, however it ends.</summary>
    public ExitCode Run(CancellationToken cancellation)
    {
        var question = new SearchQuestion("qsim/sensitivity/1", inputs.Resolve(), 0);
        _folder.Check(question);
        if (options.IsDryRun)
        {
            screen.Line(
                $"{inputs.Profiles[0].Name}: every stage of "
                    + $"{Words.Plural(inputs.Network.Layers.Length, "layer")} of "
                    + $"{inputs.Network.Name} by itself, on {inputs.Settings.Images} images under "
                    + $"{Words.List([.. inputs.Attacks.Select(a => a.Attack.Name)])}");
            return ExitCode.Done;
        }

        Directory.CreateDirectory(_folder.Path);
        using CellStore store = CellStore.Open(_folder.Path, note: screen.Note);
        _folder.Begin(question);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.MaxMinutes is { } minutes) limit.CancelAfter(TimeSpan.FromMinutes(minutes));
        try
        {
            SensitivityResults? results = null;
            ProgressDisplay.Run(
                screen, options.Quiet,
                progress => results = Measure(store, progress, limit.Token));
            Report(results!);
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
    }

    private SensitivityResults Measure(
        CellStore store, IProgressSink progress, CancellationToken cancellation)
    {
        using var meter = new SearchMeter(
            inputs, _metrics, [],
            new(store, new ContentCache(_folder.Cache), options.Threads, progress, cancellation));
        IReadOnlyList<NarrowerStage> stages = NarrowerStage.Of(
            meter.StartProgram(), inputs.Profiles[0]);
        meter.Name(stages.Select(s => s.Setting.Key));
        var rung = new Rung(
            inputs.Settings.Images, [.. inputs.Attacks.Select(a => a.Attack.Name)], true);
        return new SensitivityRun(meter, _metrics, rung, inputs.Settings).Run(stages);
    }

    private void Report(SensitivityResults results)
    {
        var report = new SensitivityReport(results, inputs.Profiles[0].Name);
        _folder.Write("sensitivity.json", Json.Of(results));
        _folder.Write("sensitivity.csv", Csv.Of(results.Stages, new(new())));
        _folder.Write("together.csv", Csv.Of(results.Together, new(new())));
        _folder.Write(report.Document());
        if (options.PrintJson)
        {
            screen.Out.Write(Json.Of(results));
            return;
        }

        foreach (string line in report.Lead().SelectMany(l => Words.Wrapped(l, 100)))
            screen.Line(line);
        screen.Line();
        foreach (TextTable table in TextTables.Of(report.Table())) table.Write(screen);
        if (!options.Quiet)
            screen.Note(
                $"Written to {_folder.Path}: {ReportFiles.HtmlFile}, sensitivity.csv, "
                    + "sensitivity.json, plots/");
    }
}
