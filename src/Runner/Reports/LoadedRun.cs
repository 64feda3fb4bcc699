using System.Text;
using System.Text.Json;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Costs;
using QSim.Runner.Studies.Examples;
using QSim.Simulator;

namespace QSim.Runner.Reports;

/// <summary>A run's folder, read back.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Study">What was asked.</param>
/// <param name="Store">What was measured.</param>
internal sealed record LoadedRun(string Path, ResolvedStudy Study, CellStore Store)
{
    /// <summary>Reads a folder.</summary>
    /// <exception cref="RequestException">It holds no run, or its study is damaged.</exception>
    /// <exception cref="Simulator.InputException">Its cells are damaged.</exception>
    public static LoadedRun Read(string path)
    {
        FoundFolder.Check(path);
        string file = System.IO.Path.Combine(path, RunDirectory.StudyFile);
        byte[] bytes = OwnFile.Read(file) ?? throw new RequestException(
            $"{path}: holds no run ({RunDirectory.StudyFile} is missing)");
        ResolvedStudy study;
        try
        {
            study = ResolvedStudy.Parse(bytes);
        }
        catch (FormatException)
        {
            throw new RequestException($"{file}: is damaged: it is not a resolved study");
        }

        // Folders of saved images and of certificates have a study, too.
        if (!IsRun(path))
            throw new RequestException(
                $"{path}: holds no run ({CellStore.FileName} is missing)");
        CellStore store = CellStore.Read(path, study);
        return store.Damaged.Count == 0
            ? new(path, study, store)
            : throw new InputException(store.Damaged.Take(1).Select(d => d with
            {
                Message = $"{d.Message}; the study's command measures it again",
            }));
    }

    /// <summary>
    /// Whether a folder holds a run, finished or not, or what is left of one: its study, and no
    /// files of somebody else's.
    /// </summary>
    public static bool IsRun(string path) =>
        OwnFile.Exists(System.IO.Path.Combine(path, RunDirectory.StudyFile))
        && (new[] { CellStore.FileName, RunDirectory.ManifestFile }.Any(
                f => OwnFile.Exists(System.IO.Path.Combine(path, f)))
            || Directory.EnumerateFileSystemEntries(path).Select(System.IO.Path.GetFileName)
                .All(f => f == RunDirectory.StudyFile || RunRecorder.LastFiles.Contains(f)));

    /// <summary>What the cells come to.</summary>
    public StudyResults Results() => StudyAssembly.Of(Study, Store) with
    {
        Cost = RunCosts.Read(Path, Study.Settings),
    };

    /// <summary>What a report of it is made of.</summary>
    /// <param name="note">Told which files beside the cells are damaged; null for nobody.</param>
    public ReportData Report(Action<string>? note = null) => new(Study, Results())
    {
        StoredCells = Store.All.Count,
        Manifest = Side<Manifest>(RunDirectory.ManifestFile, _ => true, note) is { } manifest
            ? manifest with { Status = Status() }
            : null,
        Hardware = Side<HardwareDescription>(HardwareDescription.FileName, _ => true, note),
        Examples = Side<ExampleSet>(
            ExampleSet.FileName, e => e.IsWhole(Study.ImageLength), note),
    };

    /// <summary>The text of a file; null when it is not there.</summary>
    public string? Text(string name) => RunDirectory.Open(Path).Read(name);

    /// <summary>
    /// A file that a run leaves beside its cells; null where it is missing or damaged.
    /// </summary>
    /// <param name="name">The file.</param>
    /// <param name="isWhole">What holds of it beside its form.</param>
    /// <param name="note">Told that it is damaged; null for nobody.</param>
    public T? Side<T>(string name, Func<T, bool> isWhole, Action<string>? note)
        where T : class
    {
        if (Text(name) is not { } text) return null;
        try
        {
            T value = SealedJson.Parse<T>(Encoding.UTF8.GetBytes(text));
            if (isWhole(value)) return value;
        }
        catch (JsonException)
        {
            // Said below.
        }

        note?.Invoke(
            $"warning: {System.IO.Path.Combine(Path, name)}: is damaged, the report goes without");
        return null;
    }

    /// <summary>
    /// Whether the files beside the cells are as they were written; a run that was merged has no
    /// examples.
    /// </summary>
    public bool HasWholeSides() =>
        Side<HardwareDescription>(HardwareDescription.FileName, _ => true, null) is not null
        && (Study.Settings.Cost is null || RunCosts.Read(Path, Study.Settings) is not null)
        && (Text(ExampleSet.FileName) is null
            || Side<ExampleSet>(
                ExampleSet.FileName, e => e.IsWhole(Study.ImageLength), null) is not null);

    /// <summary>
    /// What the manifest says, but for a run that was killed: it had no time to say that it does
    /// not run any more.
    /// </summary>
    public string Status() => StatusOf(Path) switch
    {
        Manifest.Running when !FolderLock.LooksAlive(Path) => Manifest.Unfinished,
        var status => status,
    };

    /// <summary>What the manifest of a folder says.</summary>
    public static string StatusOf(string path) =>
        RunDirectory.Open(path).Read(RunDirectory.ManifestFile) is { } text
            ? Manifest.StatusOf(text)
            : Manifest.Unknown;

    /// <summary>The resolved study as bytes, by which runs of the same study are known.</summary>
    public byte[] StudyBytes() => Encoding.UTF8.GetBytes(SealedJson.Of(Study));
}
