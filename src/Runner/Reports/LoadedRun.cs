using System.Text;
using System.Text.Json;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Examples;

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
        string file = System.IO.Path.Combine(path, RunDirectory.StudyFile);
        if (!File.Exists(file))
            throw new RequestException(
                $"{path}: holds no run ({RunDirectory.StudyFile} is missing)");
        try
        {
            return new(path, ResolvedStudy.Parse(File.ReadAllBytes(file)), CellStore.Read(path));
        }
        catch (FormatException)
        {
            throw new RequestException($"{file}: is damaged: it is no resolved study");
        }
    }

    /// <summary>What the cells come to.</summary>
    public StudyResults Results() => StudyAssembly.Of(Study, Store);

    /// <summary>What a report of it is made of.</summary>
    public ReportData Report() => new(Study, Results())
    {
        StoredCells = Store.All.Count,
        Manifest = Side<Manifest>(RunDirectory.ManifestFile),
        Hardware = Side<HardwareDescription>(HardwareDescription.FileName),
        Examples = Side<ExampleSet>(ExampleSet.FileName),
    };

    /// <summary>The text of a file; null when it is not there.</summary>
    public string? Text(string name) => RunDirectory.Open(Path).Read(name);

    /// <summary>
    /// A file that a run leaves beside its cells; null where it is missing or damaged.
    /// </summary>
    public T? Side<T>(string name) where T : class
    {
        try
        {
            return Text(name) is { } text ? Json.Parse<T>(Encoding.UTF8.GetBytes(text)) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>What the manifest says.</summary>
    public string Status()
    {
        string file = System.IO.Path.Combine(Path, RunDirectory.ManifestFile);
        return File.Exists(file) ? Manifest.StatusOf(File.ReadAllText(file)) : Manifest.Unknown;
    }

    /// <summary>The resolved study as bytes, by which runs of the same study are known.</summary>
    public byte[] StudyBytes() => Encoding.UTF8.GetBytes(Json.Of(Study));
}
