using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Costs;
using QSim.Runner.Studies.Examples;
using QSim.Simulator.Networks.Files;

namespace QSim.Runner.Reports;

/// <summary>
/// Keeps a run's folder up to date, so that whatever is finished can be read at any moment.
/// </summary>
/// <param name="directory">The folder.</param>
/// <param name="inputs">What the study reads.</param>
/// <param name="commandLine">What was typed.</param>
/// <param name="started">When it began.</param>
internal sealed class RunRecorder(
    RunDirectory directory, StudyInputs inputs, IReadOnlyList<string> commandLine,
    DateTimeOffset started)
{
    private static readonly (string Name, Func<StudyResults, string> Of)[] Results =
    [
        ("results.json", Json.Of),
        ("results.csv", r => Csv.Of(r.Accuracy, new(r.Study, r.Cost))),
        ("robust.csv", r => Csv.Of(r.Robust, new(r.Study, r.Cost))),
        ("over-seeds.csv", r => Csv.Of(r.OverSeeds, new(r.Study, r.Cost))),
        ("crossovers.csv", r => Csv.Of(r.Crossovers, new(r.Study, r.Cost))),
        ("comparisons.csv", r => Csv.Of(r.Comparisons, new(r.Study, r.Cost))),
        (
            "smallest-values.csv",
            r => Csv.Of(r.SmallestValues ?? [], new(r.Study, r.Cost))),
        ("events.csv", r => Csv.Of(r.Events, new(r.Study, r.Cost))),
        ("layers.csv", r => Csv.Of(r.Layers, new(r.Study, r.Cost))),
        ("predictions.csv", r => Csv.Of(r.Predictions, new(r.Study, r.Cost))),
        ("effort.csv", r => Csv.Of(r.Effort, new(r.Study, r.Cost))),
        ("doubts.csv", r => Csv.Of(r.Doubts, new(r.Study, r.Cost))),
        ("smallest-changes.csv", r => Csv.Of(r.SmallestChanges, new(r.Study, r.Cost))),
        ("transfers.csv", r => Csv.Of(r.Transfers, new(r.Study, r.Cost))),
        ("certificates.csv", r => Csv.Of(r.Certificates, new(r.Study, r.Cost))),
        ("accumulators.csv", r => Csv.Of(r.AccumulatorNeeds, new(r.Study, r.Cost))),
        ("costs.csv", r => Csv.Of(r.Cost?.Units ?? [], new(r.Study, null))),
    ];

    /// <summary>What is written at the end of every run, the manifest last of all.</summary>
    public static IReadOnlyList<string> LastFiles { get; } =
    [
        .. Results.Select(r => r.Name), ParquetTable.ResultsFile, ReportFiles.HtmlFile,
        ReportFiles.MarkdownFile, RunDirectory.ManifestFile,
    ];

    /// <summary>Cells that were measured before it began.</summary>
    public int CellsBefore { get; init; }

    private readonly ManifestHost _host = Surroundings.Host();
    private readonly string? _commit = Surroundings.Commit();
    private IReadOnlyList<TrainedModel> _models = [];

    /// <summary>Writes the report of what is in a folder.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="manifest">Where it comes from: the manifest is written after it.</param>
    /// <param name="cells">How many cells there should be.</param>
    /// <exception cref="IOException">There are fewer, or none that can be read.</exception>
    public static void SaveReport(RunDirectory directory, Manifest manifest, int cells)
    {
        LoadedRun run = LoadedRun.Read(directory.Path);
        if (run.Store.All.Count < cells)
            throw new IOException(
                $"{directory.Path}: {cells} cells were measured, {run.Store.All.Count} are there");
        ReportFiles.Save(
            directory, ReportBuilder.Of(run.Report() with { Manifest = manifest }));
    }

    /// <summary>Results so far: the JSON, and a CSV file for each of its lists.</summary>
    public void Save(StudyResults results)
    {
        _models = results.Models;
        SaveResults(directory, results);
    }

    /// <summary>What the profiles say.</summary>
    public void Describe() =>
        directory.Write(
            HardwareDescription.FileName, SealedJson.Of(HardwareDescription.Of(inputs.Profiles)));

    /// <summary>A few images to look at.</summary>
    public void Save(ExampleSet examples) =>
        directory.Write(ExampleSet.FileName, SealedJson.Of(examples));

    /// <summary>What circuits cost.</summary>
    public void Save(RunCosts costs) => directory.Write(RunCosts.FileName, SealedJson.Of(costs));

    /// <summary>
    /// The networks of a seed that were trained here, each as a file that <c>--network</c> takes; a
    /// line instead that says why not where layers of the network have no form in such files.
    /// </summary>
    public void Save(NetworkList trained)
    {
        foreach ((string target, TrainedNetwork network) in trained.All)
        {
            bool isFloat = target == AccuracyCell.FloatTarget;
            if (inputs.Loaded is not null && isFloat) continue;
            TrainedModel model = network.Report;
            string profile = isFloat ? "" : $"-{target}";
            string name = string.Concat($"{model.Name}-seed{model.Seed}{profile}".Select(
                c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
            string path = Path.Combine(RunDirectory.NetworkFolder, name);
            if (NetworkWriter.WhyNot(network.Network) is { } reason)
            {
                directory.Write($"{path}.txt", Encoding.UTF8.GetBytes($"not kept: {reason}\n"));
                continue;
            }

            (string yaml, byte[] npz) = NetworkWriter.Write(network.Network, $"{name}.npz");
            directory.Write($"{path}.npz", npz);
            directory.Write($"{path}.yaml", Encoding.UTF8.GetBytes(yaml));
        }
    }

    /// <summary>Writes results into a folder.</summary>
    public static void SaveResults(RunDirectory directory, StudyResults results)
    {
        results = results with { Cost = RunCosts.Read(directory.Path, results.Study) };
        foreach ((string name, Func<StudyResults, string> of) in Results)
            directory.Write(name, of(results));
        directory.Write(
            ParquetTable.ResultsFile,
            ParquetTable.Of(results.Accuracy, new(results.Study, results.Cost)));
    }

    /// <summary>
    /// What a run comes to, once it ended or stopped: the results, the report, and last the status,
    /// so that a run that says finished lacks nothing.
    /// </summary>
    /// <param name="results">The results so far.</param>
    /// <param name="cells">How many cells were measured.</param>
    /// <param name="manifest">Says how it ended.</param>
    public void Close(StudyResults results, int cells, Func<Manifest> manifest)
    {
        Save(results);
        SaveReport(directory, manifest(), cells);
        Stamp(manifest());
    }

    /// <summary>
    /// Takes away what was written of a run that was refused before it measured or trained
    /// anything; what was trained stays, for a run that goes on.
    /// </summary>
    public void Withdraw()
    {
        if (!directory.Holds(RunDirectory.NetworkFolder, RunDirectory.CacheFolder))
            directory.Delete([
                .. LastFiles, RunDirectory.StudyFile, HardwareDescription.FileName,
                CellStore.FileName,
            ]);
    }

    /// <summary>Writes the manifest.</summary>
    public void Stamp(Manifest manifest) =>
        directory.Write(RunDirectory.ManifestFile, SealedJson.Of(manifest));

    /// <summary>The manifest.</summary>
    /// <param name="status">running, finished, interrupted or failed.</param>
    /// <param name="backends">Which backend runs each profile.</param>
    /// <param name="seconds">Seconds that each part took.</param>
    public Manifest Describe(
        string status, IReadOnlyDictionary<string, string> backends,
        IReadOnlyDictionary<string, double> seconds) => new()
        {
            Status = status,
            CommandLine = commandLine,
            Seed = inputs.Settings.Seed,
            Inputs = [.. Inputs()],
            Preprocess = inputs.Settings.Preprocess,
            Attacks = inputs.Resolve().AttackSettings,
            Backends = backends,
            Host = _host,
            GitCommit = _commit,
            Started = started,
            CellsBefore = CellsBefore,
            Seconds = seconds,
        };

    private IEnumerable<ManifestInput> Inputs()
    {
        if (inputs.File is { } file)
            yield return new("study", inputs.Settings.Name, file.Path, file.Sha256);
        yield return new("data", inputs.Data.Name, inputs.DataSource, inputs.Data.Sha256);
        foreach ((string path, string sha256) in inputs.Loaded?.Files ?? [])
            yield return new("network", inputs.Network.Name, path, sha256);
        foreach (TrainedModel model in _models)
        {
            string profile = model.Profile is null ? "" : $" for {model.Profile}";
            string name =
                _models.Count == 1 ? model.Name : $"{model.Name}{profile} seed {model.Seed}";
            bool isTrained = inputs.Loaded is null || model.Profile is not null;
            yield return new("model", name, isTrained ? "trained" : "loaded", model.Sha256);
        }

        foreach (StudyProfile profile in inputs.Profiles.DistinctBy(p => p.Reference))
            yield return new(
                "profile", profile.Profile.Name, profile.Reference, profile.Profile.Sha256);
    }
}
