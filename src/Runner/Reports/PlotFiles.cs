using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Reports.Charts;
using QSim.Runner.Reports.Documents;

namespace QSim.Runner.Reports;

/// <summary>A report's pictures as files.</summary>
internal static class PlotFiles
{
    /// <summary>Pictures as they are drawn.</summary>
    public const string Svg = "svg";

    /// <summary>Pictures as dots, too.</summary>
    public const string Png = "png";

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
    /// <param name="folder">The folder.</param>
    /// <param name="report">Whose pictures.</param>
    /// <param name="asPng">Whether each is wanted as PNG, too.</param>
    /// <exception cref="RequestException">
    /// The folder cannot be made or written to, or there is nothing that draws PNG.
    /// </exception>
    public static int Deliver(string folder, ReportDocument report, bool asPng)
    {
        NewFolder.Check(folder, "--plots");
        (Figure Figure, string Drawn)[] figures =
            [.. Of(report).Select(f => (f, PaperSvg.Of(f.Content)))];
        PaperPng? png = asPng ? PaperPng.Create() : null;
        Directory.CreateDirectory(folder);
        WholeFile.Deliver(
        [
            .. figures.Select(f => File(f.Figure, Svg, Encoding.UTF8.GetBytes(f.Drawn))),
            .. figures.Where(_ => png is not null).Select(f =>
                File(f.Figure, Png, png!.Draw(f.Drawn))),
            .. figures.Select(f => f.Figure).Where(HasNumbers).Select(f => File(
                f, "csv", Encoding.UTF8.GetBytes(Csv.OfTable(f.Plot!.Header, f.Plot.Rows)))),
        ]);
        return figures.Length;

        (string, Action<Stream>) File(Figure figure, string end, byte[] content) => (
            Path.Combine(folder, $"{figure.Plot!.Name}.{end}"), stream => stream.Write(content));
    }

    private static IEnumerable<Figure> Of(ReportBlock block) => block switch
    {
        Figure figure => [figure],
        Gallery gallery => gallery.Figures,
        Folded folded => folded.Blocks.SelectMany(Of),
        _ => [],
    };
}
