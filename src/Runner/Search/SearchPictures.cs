using System.Text.Json;
using QSim.Runner.Output;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Search.Sensitivity;

namespace QSim.Runner.Search;

/// <summary>The report of a search or a sensitivity once more, from the results it left.</summary>
internal static class SearchPictures
{
    /// <summary>
    /// The report, without the commands that led to it; null where a folder holds neither.
    /// </summary>
    /// <exception cref="RequestException">The results are damaged.</exception>
    public static ReportDocument? Of(string folder)
    {
        FoundFolder.Check(folder);
        return Read<SearchResults>(folder, SearchFolder.ResultFile, results =>
        {
            var plan = new SearchPlan(results.Study);
            return results.Front.Append(results.Start).All(d =>
                plan.Metrics.All(m => d.Figures.ContainsKey(m.Name)))
                    ? new SearchReport(results, plan, []).Document()
                    : null;
        })
        ?? Read<SensitivityResults>(
            folder, SearchFolder.SensitivityFile,
            results => new SensitivityReport(results, results.Study.Name).Document());
    }

    private static ReportDocument? Read<T>(
        string folder, string name, Func<T, ReportDocument?> document)
        where T : class
    {
        string file = Path.Combine(folder, name);
        if (OwnFile.Read(file) is not { } bytes) return null;
        try
        {
            if (document(Json.Parse<T>(bytes)) is { } report) return report;
        }
        catch (Exception e) when (e is JsonException or RequestException)
        {
            // Not what the command left, in form or in what it says.
        }

        throw new RequestException(
            $"{file}: is damaged: it does not hold the results; the command writes them again");
    }
}
