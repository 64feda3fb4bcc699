using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies;
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
    private readonly ManifestHost _host = Surroundings.Host();
    private readonly string? _commit = Surroundings.Commit();
    private IReadOnlyList<TrainedModel> _models = [];

    /// <summary>The report of what is in the folder now.</summary>
    public void Report() => SaveReport(directory);

    /// <summary>Writes the report of what is in a folder.</summary>
    public static void SaveReport(RunDirectory directory) =>
        ReportFiles.Save(
            directory, ReportBuilder.Of(LoadedRun.Read(directory.Path).Report()));

    /// <summary>Results so far: the JSON, and a CSV file for each of its lists.</summary>
    public void Save(StudyResults results)
    {
        _models = results.Models;
        SaveResults(directory, results);
    }

    /// <summary>What the profiles say.</summary>
    public void Describe() =>
        directory.Write(
            HardwareDescription.FileName, Json.Of(HardwareDescription.Of(inputs.Profiles)));

    /// <summary>A few images to look at.</summary>
    public void Save(ExampleSet examples) =>
        directory.Write(ExampleSet.FileName, Json.Of(examples));

    /// <summary>
    /// The networks of a seed that were trained here, each as a file that <c>--network</c> takes.
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
            (string yaml, byte[] npz) = NetworkWriter.Write(network.Network, $"{name}.npz");
            string path = Path.Combine(RunDirectory.NetworkFolder, name);
            directory.Write($"{path}.npz", npz);
            directory.Write($"{path}.yaml", Encoding.UTF8.GetBytes(yaml));
        }
    }

    /// <summary>Writes results into a folder.</summary>
    public static void SaveResults(RunDirectory directory, StudyResults results)
    {
        directory.Write("results.json", Json.Of(results));
        directory.Write("results.csv", Csv.Of(results.Accuracy));
        directory.Write("robust.csv", Csv.Of(results.Robust));
        directory.Write("over-seeds.csv", Csv.Of(results.OverSeeds));
        directory.Write("crossovers.csv", Csv.Of(results.Crossovers));
        directory.Write("comparisons.csv", Csv.Of(results.Comparisons));
        directory.Write("events.csv", Csv.Of(results.Events));
        directory.Write("layers.csv", Csv.Of(results.Layers));
        directory.Write("predictions.csv", Csv.Of(results.Predictions));
        directory.Write("effort.csv", Csv.Of(results.Effort));
        directory.Write("doubts.csv", Csv.Of(results.Doubts));
        directory.Write("smallest-changes.csv", Csv.Of(results.SmallestChanges));
        directory.Write("transfers.csv", Csv.Of(results.Transfers));
    }

    /// <summary>The manifest.</summary>
    /// <param name="status">running, finished, interrupted or failed.</param>
    /// <param name="backends">Which backend runs each profile.</param>
    /// <param name="seconds">Seconds that each part took.</param>
    public void Stamp(
        string status, IReadOnlyDictionary<string, string> backends,
        IReadOnlyDictionary<string, double> seconds) =>
        directory.Write(
            RunDirectory.ManifestFile,
            Json.Of(
                new Manifest
                {
                    Status = status,
                    CommandLine = commandLine,
                    Seed = inputs.Settings.Seed,
                    Inputs = [.. Inputs()],
                    Attacks = inputs.Resolve().AttackSettings,
                    Backends = backends,
                    Host = _host,
                    GitCommit = _commit,
                    Started = started,
                    Seconds = seconds,
                }));

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
