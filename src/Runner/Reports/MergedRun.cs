using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Reports;

/// <summary>What several folders measured of one study, as one run.</summary>
/// <param name="runs">The folders, one at least.</param>
internal sealed class MergedRun(IReadOnlyList<LoadedRun> runs)
{
    /// <summary>Whether they are of one study and agree.</summary>
    /// <param name="into">A store that they go into, and what it is called.</param>
    /// <exception cref="RequestException">They are or do not.</exception>
    public void Check(params (CellStore Store, string Name)[] into)
    {
        byte[] written = runs[0].StudyBytes();
        if (runs.FirstOrDefault(r => !written.SequenceEqual(r.StudyBytes())) is { } other)
            throw new RequestException(
                $"{other.Path}: is a run of another study than {runs[0].Path}");
        CheckAgreement();
        var networks = new MeasuredNetworks(runs[0].Study);
        foreach ((CellStore store, string name) in runs.Select(r => (r.Store, r.Path)).Concat(into))
            networks.Add(store, name);
    }

    /// <summary>Puts the cells of all into a store, in the order of a single run.</summary>
    public void AddTo(CellStore store)
    {
        ILookup<string, CellRecord> cells = runs.SelectMany(r => r.Store.All)
            .ToLookup(c => c.Key);
        IEnumerable<string> planned = new StudyPlan(runs[0].Study).Addresses().Keys;
        store.Append([
            .. planned.Concat(cells.Select(c => c.Key)).Distinct()
                .Where(key => cells.Contains(key)).Select(key => cells[key].First()),
        ]);
    }

    /// <summary>Writes results, report and manifest of a folder that holds the cells.</summary>
    public StudyResults Save(
        RunDirectory directory, IReadOnlyList<string> commandLine, DateTimeOffset started)
    {
        ResolvedStudy study = runs[0].Study;
        LoadedRun whole = LoadedRun.Read(directory.Path);
        StudyResults results = whole.Results();
        RunRecorder.SaveResults(directory, results);
        var manifest = new Manifest
        {
            Status = results.Complete ? Manifest.Finished : Manifest.Partial,
            CommandLine = commandLine,
            Seed = study.Settings.Seed,
            Inputs =
            [
                .. runs.Select(r => new ManifestInput(
                    "shard", r.Path, r.Path, Digest.Of(r.StudyBytes()))),
            ],
            Backends = new Dictionary<string, string>(),
            Host = Surroundings.Host(),
            GitCommit = Surroundings.Commit(),
            Started = started,
            Seconds = new Dictionary<string, double>(),
        };
        string? hardware = runs
            .Where(r => r.HasWholeSides())
            .Select(r => r.Text(HardwareDescription.FileName))
            .FirstOrDefault(t => t is not null);
        if (hardware is not null)
            directory.Write(HardwareDescription.FileName, hardware);
        RunRecorder.SaveReport(directory, manifest, whole.Store.All.Count);
        directory.Write(RunDirectory.ManifestFile, SealedJson.Of(manifest));
        return results;
    }

    private void CheckAgreement()
    {
        foreach (var same
            in runs
                .SelectMany(r => r.Store.All.Select(cell => (r.Path, cell)))
                .GroupBy(c => c.cell.Key))
        {
            var first = same.First();
            var other = same.FirstOrDefault(c => Measured(c.cell) != Measured(first.cell));
            if (other.Path is null) continue;
            throw new RequestException(
                $"{other.Path} and {first.Path} measured the same cell differently: "
                    + $"{other.cell.Target}, {other.cell.Attack}, epsilon {other.cell.Epsilon}, "
                    + $"seed {other.cell.Seed}");
        }
    }

    private static (string, AttackEvidence?) Measured(CellRecord cell) =>
        (cell.Outcomes, cell.Evidence);
}
