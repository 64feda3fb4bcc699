using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports;

/// <summary>A report's pictures as files.</summary>
internal static class PlotFiles
{
    /// <summary>Its pictures that have a name, each with one of its own.</summary>
    public static IReadOnlyList<Figure> Of(ReportDocument report)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. from section in report.Sections
               from figure in section.Blocks.SelectMany(Of)
               let plot = figure.Plot
               where plot is not null
               select figure with { Plot = plot with { Name = Unused(plot.Name) } },
        ];

        string Unused(string name)
        {
            string free = name;
            for (int n = 2; !taken.Add(free); n++) free = $"{name}-{n}";
            return free;
        }
    }

    /// <summary>Whether there are numbers behind a picture.</summary>
    public static bool HasNumbers(Figure figure) => figure.Plot is { Header.Count: > 0 };

    /// <summary>
    /// Writes every picture into a folder as SVG of paper size, and its numbers as CSV; returns how
    /// many pictures.
    /// </summary>
    /// <exception cref="RequestException">The folder cannot be made or written to.</exception>
    public static int Deliver(string folder, ReportDocument report)
    {
        NewFolder.Check(folder, "--plots");
        IReadOnlyList<Figure> figures = Of(report);
        Directory.CreateDirectory(folder);
        WholeFile.Deliver(
        [
            .. figures.Select(f => File(f, "svg", PaperSvg.Of(f.Content))),
            .. figures.Where(HasNumbers).Select(f => File(
                f, "csv", Csv.OfTable(f.Plot!.Header, f.Plot.Rows))),
        ]);
        return figures.Count;

        (string, Action<Stream>) File(Figure figure, string end, string text) => (
            Path.Combine(folder, $"{figure.Plot!.Name}.{end}"),
            stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    private static IEnumerable<Figure> Of(ReportBlock block) => block switch
    {
        Figure figure => [figure],
        Gallery gallery => gallery.Figures,
        Folded folded => folded.Blocks.SelectMany(Of),
        _ => [],
    };
}
