using System.CommandLine;
using System.Text;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Reports;
using QSim.Runner.Reports.Documents;
using QSim.Runner.Search;

namespace QSim.Runner.Commands;

/// <summary><c>qsim report</c>: the report of a run, made anew from its folder.</summary>
internal static class ReportCommand
{
    private const string ExampleText = """
          qsim report runs/20260101-120000                 writes report.html and report.md there
          qsim report my-run --out chip-a.html             one page, to send to somebody
          qsim report my-run --format md                   Markdown, on stdout
          qsim report my-run --plots figures               every picture as SVG, for print, with CSV
          qsim report my-run --plots figures --format png  as PNG of 300 dots an inch, too
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var run = new Argument<string>("run")
        {
            Description = "Folder of a run, finished or not; with --plots of a search, too.",
        };
        var output = new Option<string?>("--out")
        {
            Description =
                "File for the report (default: report.html and report.md in the run's folder).",
            HelpName = "file",
        };
        var format = new Option<string?>("--format")
        {
            Description =
                "html or md (default: what --out ends in, else both), without --out on stdout. "
                    + "With --plots: svg, the default, or png for PNG beside SVG, in a build with "
                    + "-p:Png=true.",
            HelpName = "html|md|svg|png",
        };
        var plots = new Option<string?>("--plots")
        {
            Description =
                "Write every picture into this folder, as SVG for print and its numbers as CSV, "
                    + "and no report.",
            HelpName = "folder",
        };
        var command = new Command(
            "report", "Write the report of a run: one page that needs nothing else, or Markdown.")
        {
            run, output, format, plots,
        };
        Examples.AddTo(command, ExampleText);
        command.SetAction(parsed =>
        {
            (string folder, string? file) = (
                parsed.GetRequiredValue(run), parsed.GetValue(output));
            string? kind = parsed.GetValue(format);
            return (int)(parsed.GetValue(plots) is not { } into
                ? Write(screen, folder, file, kind)
                : file is null
                    ? Draw(screen, folder, into, kind)
                    : throw new RequestException(
                        "--plots is given beside --out: one of them is enough"));
        });
        return command;
    }

    private static ExitCode Draw(Screen screen, string folder, string into, string? format)
    {
        if (format is not (null or PlotFiles.Svg or PlotFiles.Png))
            throw new RequestException(
                $"--format {format} is not supported with --plots (supported: {PlotFiles.Svg}, "
                    + $"{PlotFiles.Png})");
        int count = PlotFiles.Deliver(
            into,
            SearchPictures.Of(folder)
                ?? ReportBuilder.Of(LoadedRun.Read(folder).Report(screen.Note)),
            asPng: format == PlotFiles.Png);
        screen.Note($"Written to {into}: {Words.Plural(count, "picture")}, each with its numbers");
        return ExitCode.Done;
    }

    private static ExitCode Write(Screen screen, string folder, string? output, string? format)
    {
        if (format is not (null or ReportFiles.Html or ReportFiles.Markdown))
            throw new RequestException(
                $"--format {format} is not supported without --plots (supported: "
                    + $"{ReportFiles.Html}, {ReportFiles.Markdown})");
        if (output is not null) WholeFile.Check(output);
        if (SearchPictures.Of(folder) is not null)
            throw new RequestException(
                $"{folder}: holds a search or a sensitivity, which left its report there; --plots "
                    + "draws its pictures once more (a search's front is a run: its folder front)");
        var report = ReportBuilder.Of(LoadedRun.Read(folder).Report(screen.Note));
        if (output is null && format is not null) screen.Out.Write(ReportFiles.Of(report, format));
        else if (output is not null)
        {
            string kind =
                format
                ?? (Path.GetExtension(output) is ".md" ? ReportFiles.Markdown : ReportFiles.Html);
            byte[] content = Encoding.UTF8.GetBytes(ReportFiles.Of(report, kind));
            WholeFile.Deliver(output, file => file.Write(content));
            screen.Note($"Written: {output}");
        }
        else
        {
            ReportFiles.Save(RunDirectory.Open(folder), report);
            screen.Note(
                $"Written: {Path.Combine(folder, ReportFiles.HtmlFile)}, "
                    + $"{Path.Combine(folder, ReportFiles.MarkdownFile)}");
        }

        return ExitCode.Done;
    }
}
