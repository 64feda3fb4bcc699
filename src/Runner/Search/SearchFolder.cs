using System.Globalization;
using System.Text;
using System.Text.Json;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Search;

/// <summary>The folder of a search: question, cells, the front's profiles and run.</summary>
/// <param name="Path">The folder.</param>
internal sealed record SearchFolder(string Path)
{
    /// <summary>The question.</summary>
    public const string QuestionFile = "search.json";

    /// <summary>What was found.</summary>
    public const string ResultFile = "search-results.json";

    /// <summary>Where the front's profiles are.</summary>
    public const string ProfileFolder = "profiles";

    /// <summary>Where the front's run is.</summary>
    public const string FrontFolder = "front";

    /// <summary>Where networks are kept.</summary>
    public string Cache => System.IO.Path.Combine(Path, RunDirectory.CacheFolder);

    /// <summary>Where the run of the front is.</summary>
    public string Front => System.IO.Path.Combine(Path, FrontFolder);

    /// <summary>Whether a search may go there; nothing is left.</summary>
    /// <exception cref="RequestException">
    /// It cannot be written to, or holds another search or something else.
    /// </exception>
    public void Check(SearchQuestion question)
    {
        NewFolder.Check(Path, "--out");
        if (!Directory.Exists(Path)) return;
        if (Read() is { } other)
        {
            if (Json.Of(other) == Json.Of(question)) return;
            throw new RequestException($"{Path}: holds another search (name another --out)");
        }

        string[] own = [FolderLock.FileName, CellStore.FileName, QuestionFile];
        if (Directory.EnumerateFileSystemEntries(Path).Any(e =>
            !own.Contains(System.IO.Path.GetFileName(e))
            && !e.EndsWith(WholeFile.Temporary, StringComparison.Ordinal)))
            throw new RequestException(
                $"{Path}: is not empty and holds no search (name another --out)");
    }

    /// <summary>Puts the question there.</summary>
    public void Begin(SearchQuestion question) => Write(QuestionFile, SealedJson.Of(question));

    /// <summary>Writes a file: see <see cref="WholeFile.Replace"/>.</summary>
    public void Write(string name, string content) => WholeFile.Replace(
        System.IO.Path.Combine(Path, name), Encoding.UTF8.GetBytes(content));

    /// <summary>A report: the page, the text, and the numbers behind its pictures.</summary>
    public void Write(ReportDocument report) =>
        ReportFiles.Save(RunDirectory.Open(Path), report);

    /// <summary>What was found, as JSON and as tables.</summary>
    public void Save(SearchResults results)
    {
        Write("designs.csv", Table(results, results.Designs));
        Write("front.csv", Table(results, results.Front));
        Write(ResultFile, Json.Of(results));
    }

    private static string Table(SearchResults results, IReadOnlyList<FoundDesign> designs)
    {
        string[] keys = [.. results.Designs.SelectMany(d => d.Keys.Keys).Distinct()];
        string[] figures = [.. results.Start.Figures.Keys];
        string[] held = [.. designs.SelectMany(d => d.HeldBack.Keys).Distinct()];
        return Csv.OfTable(
            [
                "name", .. keys, "fate", "reason", "images", .. figures,
                .. held.Select(h => $"{h}, held back"),
            ],
            designs.Select(d => (string[])
            [
                d.Name, .. keys.Select(k => d.Keys.GetValueOrDefault(k, "")), Word(d),
                d.Reason, $"{d.Images}", .. figures.Select(f => Number(d.Figures, f)),
                .. held.Select(h => Number(d.HeldBack, h)),
            ]));

        static string Word(FoundDesign design) => design.Fate.ToString().ToLowerInvariant();
    }

    private static string Number(IReadOnlyDictionary<string, double> figures, string name) =>
        figures.TryGetValue(name, out double figure)
            ? figure.ToString("R", CultureInfo.InvariantCulture)
            : "";

    private SearchQuestion? Read()
    {
        try
        {
            return OwnFile.Read(System.IO.Path.Combine(Path, QuestionFile)) is { } bytes
                ? SealedJson.Parse<SearchQuestion>(bytes)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a search is known by: two of the same question give the same bytes.</summary>
/// <param name="Schema">The version of the format.</param>
/// <param name="Study">The study on the search's images, resolved.</param>
/// <param name="HeldBack">Images that are held back.</param>
internal sealed record SearchQuestion(string Schema, ResolvedStudy Study, int HeldBack)
{
    /// <summary>The version that is written.</summary>
    public const string Version = "qsim/search/1";
}
