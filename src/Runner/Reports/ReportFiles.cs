using System.Text;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Reports.Html;
using QSim.Runner.Reports.Markdown;

namespace QSim.Runner.Reports;

internal static class ReportFiles
{
    /// <summary>The format of a page.</summary>
    public const string Html = "html";

    /// <summary>The format of a text file.</summary>
    public const string Markdown = "md";

    /// <summary>The page in a run's folder.</summary>
    public const string HtmlFile = "report.html";

    /// <summary>The text file in a run's folder.</summary>
    public const string MarkdownFile = "report.md";

    /// <summary>A report in a format.</summary>
    public static string Of(ReportDocument report, string format) =>
        format == Markdown ? MarkdownWriter.Write(report) : HtmlWriter.Write(report);

    /// <summary>Writes both into a run's folder.</summary>
    public static void Save(RunDirectory directory, ReportDocument report)
    {
        directory.Write(HtmlFile, Of(report, Html));
        directory.Write(MarkdownFile, Of(report, Markdown));
        foreach (Figure figure in PlotFiles.Of(report).Where(PlotFiles.HasNumbers))
            directory.Write(
                Path.Combine(RunDirectory.PlotFolder, $"{figure.Plot!.Name}.csv"),
                Encoding.UTF8.GetBytes(Csv.OfTable(figure.Plot.Header, figure.Plot.Rows)));
    }
}
