using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Search;

/// <summary>The folder of a search: question, cells, the front's profiles and run.</summary>
/// <param name="Path">The folder.</param>
internal sealed partial record SearchFolder(string Path)
{
    public const string QuestionFile = "search.json";

    /// <summary>What was found.</summary>
    public const string ResultFile = "search-results.json";

    /// <summary>What a sensitivity found.</summary>
    public const string SensitivityFile = "sensitivity.json";

    /// <summary>Where the front's profiles are.</summary>
    public const string ProfileFolder = "profiles";

    /// <summary>Where the front's run is.</summary>
    public const string FrontFolder = "front";

    /// <summary>What a search or a sensitivity leaves at its end.</summary>
    private static readonly string[] Found =
    [
        ResultFile, "designs.csv", "front.csv", SensitivityFile, "sensitivity.csv",
        "together.csv", ReportFiles.HtmlFile, ReportFiles.MarkdownFile,
    ];

    /// <summary>Where networks are kept.</summary>
    public string Cache => System.IO.Path.Combine(Path, RunDirectory.CacheFolder);

    /// <summary>Where the run of the front is.</summary>
    public string Front => System.IO.Path.Combine(Path, FrontFolder);

    /// <summary>Whether a search may go there; nothing is left.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="overwrite">Another search that the folder holds may be discarded.</param>
    /// <exception cref="RequestException">
    /// It cannot be written to, or holds another search or something else.
    /// </exception>
    public void Check(SearchQuestion question, bool overwrite)
    {
        NewFolder.Check(Path, "--out");
        if (!Directory.Exists(Path)) return;
        string file = System.IO.Path.Combine(Path, QuestionFile);
        if (overwrite && OwnFile.Exists(file)) return;
        if (Read() is { } other)
        {
            if (Json.Of(other) == Json.Of(question)) return;
            throw new RequestException(
                $"{Path}: holds another search (name another --out, or add --overwrite)");
        }

        string[] own = [FolderLock.FileName, CellStore.FileName, QuestionFile];
        if (Directory.EnumerateFileSystemEntries(Path).Any(e =>
            !own.Contains(System.IO.Path.GetFileName(e)) && !RunDirectory.IsLeft(e)))
            throw new RequestException(
                OwnFile.Exists(file)
                    ? $"{file}: is damaged (name another --out, or add --overwrite)"
                    : $"{Path}: is not empty and holds no search (name another --out)");
    }

    /// <summary>
    /// Puts the question there, and clears away what was being written when somebody was killed;
    /// for the process that has the cells open.
    /// </summary>
    /// <param name="question">What is asked.</param>
    /// <param name="anew">Takes away what an earlier search found.</param>
    public void Begin(SearchQuestion question, bool anew)
    {
        if (anew)
        {
            foreach (string found in Found) File.Delete(System.IO.Path.Combine(Path, found));
            string plots = System.IO.Path.Combine(Path, RunDirectory.PlotFolder);
            if (Directory.Exists(plots)) Directory.Delete(plots, recursive: true);
            ForgetProfiles(0);
            RunDirectory.Open(Front).Forget();
        }

        RunDirectory.ClearLeft(
            Path,
            [
                ProfileFolder, RunDirectory.PlotFolder, RunDirectory.CacheFolder,
                .. ContentCache.Kinds.Select(k =>
                    System.IO.Path.Combine(RunDirectory.CacheFolder, k)),
            ]);
        Write(QuestionFile, SealedJson.Of(question));
    }

    /// <summary>Takes back a question that nothing was measured for.</summary>
    public void Withdraw()
    {
        if (Directory.Exists(Cache)) return;
        foreach (string name in new[] { QuestionFile, CellStore.FileName })
            File.Delete(System.IO.Path.Combine(Path, name));
    }

    /// <summary>Deletes the front's profiles of an earlier, larger front.</summary>
    /// <param name="kept">How many stay.</param>
    public void ForgetProfiles(int kept)
    {
        string folder = System.IO.Path.Combine(Path, ProfileFolder);
        if (!Directory.Exists(folder)) return;
        foreach (string file in Directory.GetFiles(folder))
            if (Profile().Match(System.IO.Path.GetFileName(file)) is { Success: true } match
                && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) > kept)
                File.Delete(file);
    }

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

        static string Word(FoundDesign design) => EnumWord.Of(design.Fate);
    }

    private static string Number(IReadOnlyDictionary<string, double> figures, string name) =>
        figures.TryGetValue(name, out double figure)
            ? figure.ToString("R", CultureInfo.InvariantCulture)
            : "";

    [GeneratedRegex(@"^front-(\d{1,6})\.yaml$")]
    private static partial Regex Profile();

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
