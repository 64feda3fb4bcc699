using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Search;
using QSim.Runner.Search.Measuring;
using QSim.Runner.Search.Sensitivity;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Searching;

namespace QSim.Runner.Commands;

/// <summary>Narrows a profile bit by bit for someone who watches.</summary>
/// <param name="screen">Where they look.</param>
/// <param name="inputs">Network, images and the one profile.</param>
/// <param name="options">How; its folder is named.</param>
internal sealed class SensitivitySession(
    Screen screen, StudyInputs inputs, SessionOptions options)
    : FolderSession<SensitivityResults>(screen, options)
{
    private readonly Metric[] _metrics =
    [
        new(MetricKind.Clean),
        .. inputs.Settings.Epsilons.Select(e => new Metric(MetricKind.Worst, e)),
    ];

    /// <inheritdoc/>
    protected override SearchQuestion Question { get; } =
        new("qsim/sensitivity/1", inputs.Resolve(), 0);

    /// <inheritdoc/>
    protected override IEnumerable<string> Plan() =>
    [
        $"{inputs.Profiles[0].Name}: every stage of "
            + $"{Words.Plural(inputs.Network.Layers.Length, "layer")} of "
            + $"{inputs.Network.Name} by itself, on {inputs.Settings.Images} images under "
            + $"{Words.List([.. inputs.Attacks.Select(a => a.Attack.Name)])}",
    ];

    /// <inheritdoc/>
    protected override SensitivityResults Measure(SearchCells cells)
    {
        using var meter = new SearchMeter(inputs, _metrics, [], cells);
        IReadOnlyList<NarrowerStage> stages = NarrowerStage.Of(
            meter.StartProgram(), inputs.Profiles[0]);
        meter.Name(stages.Select(s => s.Setting.Key));
        var rung = new Rung(
            inputs.Settings.Images, [.. inputs.Attacks.Select(a => a.Attack.Name)], true);
        return new SensitivityRun(meter, _metrics, rung, inputs.Settings).Run(stages);
    }

    /// <inheritdoc/>
    protected override void Finish(SensitivityResults results, CancellationToken cancellation)
    {
        var report = new SensitivityReport(results, inputs.Profiles[0].Name);
        Folder.Write(SearchFolder.SensitivityFile, Json.Of(results));
        Folder.Write("sensitivity.csv", Csv.Of(results.Stages, new(new())));
        Folder.Write("together.csv", Csv.Of(results.Together, new(new())));
        Folder.Write(report.Document());
        Show(results, report.Lead(), report.Table(), "sensitivity.csv, sensitivity.json, plots/");
    }
}
