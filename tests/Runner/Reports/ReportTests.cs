using System.Text.RegularExpressions;
using System.Xml.Linq;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Reports;

/// <summary>The report of a run: one page, and a text.</summary>
public partial class ReportTests(RunFixture fixture) : IClassFixture<RunFixture>
{
    private static readonly string[] Sections =
    [
        "verdict", "curves", "predictions", "events", "headroom", "cost", "examples",
        "evidence", "comparisons", "profiles", "warnings", "statistics",
        "margin-model", "manifest",
    ];

    [Fact]
    public void Run_LeavesAWellFormedPageWithEverySection()
    {
        XElement page = Page(fixture.Run);

        Assert.Equal(Sections, page.Descendants("section").Select(s => s.Attribute("id")!.Value));
        Assert.Equal(
            Sections.Select(s => "#" + s),
            page.Descendants("nav").Descendants("a").Select(a => a.Attribute("href")!.Value));
        Assert.All(
            page.Descendants("section"),
            s =>
                Assert.Equal(
                    s.Element("h2")!.Attribute("id")!.Value, s.Attribute("aria-labelledby")!.Value)
        );
        Assert.Single(page.Descendants("h1"));
    }

    [Fact]
    public void Page_AsksForNothingOutsideItself()
    {
        XElement page = Page(fixture.Run);
        string text = File.ReadAllText(Path.Combine(fixture.Run, "report.html"));

        Assert.Empty(page.Descendants("link"));
        Assert.DoesNotMatch(Outside(), text);
        Assert.All(
            page.Descendants().Attributes().Where(a => a.Name.LocalName is "src" or "href"),
            a => Assert.Matches("^(#|data:image/png;base64,)", a.Value));
    }

    [Fact]
    public void Page_TellsEverythingToThoseWhoDoNotSee()
    {
        XElement page = Page(fixture.Run);

        Assert.All(
            page.Descendants("table"),
            t =>
            {
                Assert.NotEmpty(t.Element("caption")!.Value);
                Assert.All(
                    t.Element("thead")!.Descendants("th"),
                    h => Assert.Equal("col", h.Attribute("scope")!.Value));
                Assert.All(
                    t.Element("tbody")!.Elements("tr"),
                    r => Assert.Equal("row", r.Elements().First().Attribute("scope")!.Value));
            });
        XElement[] pictures =
            [.. page.Descendants("svg").Where(s => s.Attribute("aria-hidden") is null)];
        Assert.NotEmpty(pictures);
        Assert.All(
            pictures,
            s =>
            {
                string[] ids = s.Attribute("aria-labelledby")!.Value.Split(' ');
                Assert.All(
                    ids,
                    id =>
                        Assert.NotEmpty(
                            s.Elements().Single(e => e.Attribute("id")?.Value == id).Value));
            });
        string[] all = [.. page.Descendants().Attributes("id").Select(a => a.Value)];
        Assert.Equal(all.Distinct().Count(), all.Length);
        Assert.All(
            page.Descendants("figure"), f => Assert.NotEmpty(f.Element("figcaption")!.Value));
    }

    [Fact]
    public void Report_HostileNames_StayText()
    {
        string folder = fixture.HostileRun();

        Finished report = Qsim.RunIn(fixture.Folder.Path, "report", "hostile");

        Assert.Equal((0, ""), (report.ExitCode, report.Out));
        XElement page = Page(folder);
        Assert.Single(page.Descendants("script"));
        Assert.Contains(
            page.Descendants("th"), h => h.Value.Contains("<script>alert(1)</script> & \"q\""));
        string markdown = File.ReadAllText(Path.Combine(folder, "report.md"));
        Assert.DoesNotContain("<script", markdown);
        Assert.Contains(@"\| \_b\_ \`c\`", markdown);
    }

    [Fact]
    public void Report_SameFolder_GivesTheSameBytes()
    {
        string before = File.ReadAllText(Path.Combine(fixture.Run, "report.html"));

        Finished report = Qsim.RunIn(fixture.Folder.Path, "report", "r", "--format", "html");

        Assert.Equal((0, before), (report.ExitCode, report.Out));
    }

    [Fact]
    public void Report_FormatAndFile_AreWhatIsAsked()
    {
        string text = File.ReadAllText(Path.Combine(fixture.Run, "report.md"));

        Assert.Equal(text, Qsim.RunIn(fixture.Folder.Path, "report", "r", "--format", "md").Out);
        Finished file = Qsim.RunIn(fixture.Folder.Path, "report", "r", "--out", "own.md");

        Assert.Equal((0, ""), (file.ExitCode, file.Out));
        Assert.Equal(text, File.ReadAllText(fixture.Folder.File("own.md")));
        Assert.StartsWith("# small: ", text);
        Assert.Contains("## Verdict\n", text);
        Assert.Matches(@"\| float \|( [0-9.]+ [0-9.]+–[0-9.]+ \([0-9]+\) \|){3}", text);
    }

    [Fact]
    public void Report_PartOfARun_SaysSo()
    {
        string folder = Directory.CreateDirectory(fixture.Folder.File("part")).FullName;
        File.Copy(Path.Combine(fixture.Run, "study.json"), Path.Combine(folder, "study.json"));

        Finished empty = Qsim.RunIn(fixture.Folder.Path, "report", "part", "--format", "md");
        string[] cells = File.ReadAllLines(Path.Combine(fixture.Run, "cells.jsonl"));
        File.WriteAllLines(Path.Combine(folder, "cells.jsonl"), cells[..7]);
        Finished some = Qsim.RunIn(fixture.Folder.Path, "report", "part", "--format", "html");

        File.WriteAllLines(
            Path.Combine(folder, "cells.jsonl"),
            cells.Select(c => Forged.Line(
                c,
                l => l.Replace("\"key\":\"", "\"key\":\"0")
                    .Remove("{\"key\":\"".Length + 64, 1))));
        Finished old = Qsim.RunIn(fixture.Folder.Path, "report", "part", "--format", "md");

        Assert.Equal((0, 0, 0), (empty.ExitCode, some.ExitCode, old.ExitCode));
        Assert.Contains(
            $"None of the {cells.Length} cells in this folder is one that this version of QSim "
                + "knows",
            old.Out);
        Assert.Contains("This run is not finished", empty.Out);
        Assert.Contains("Nothing can be compared yet.", empty.Out);
        Assert.Contains("This run is not finished", some.Out);
        Assert.Contains("This folder has no readable manifest.json.", some.Out);
    }

    [Theory]
    [InlineData("nowhere: no such folder", "nowhere")]
    [InlineData(
        "--format pdf is not supported without --plots (supported: html, md)", "r", "--format",
        "pdf")]
    [InlineData(
        "--format md is not supported with --plots (supported: svg, png)", "r", "--plots", "p",
        "--format", "md")]
    [InlineData("r: is a folder where a file is needed (--out)", "r", "--out", "r")]
    public void Report_OfNothing_IsOneLine(string message, params string[] arguments)
    {
        Finished report = Qsim.RunIn(fixture.Folder.Path, ["report", .. arguments]);

        Assert.Equal(2, report.ExitCode);
        Assert.EndsWith(message + "\n", report.Error);
        Assert.Single(report.Error.TrimEnd('\n').Split('\n'));
    }

    private static XElement Page(string folder) =>
        XDocument.Load(Path.Combine(folder, "report.html")).Root!;

    [GeneratedRegex(
        "https?:|//[a-z]+\\.[a-z]|@import|url\\(|fetch\\(|XMLHttpRequest", RegexOptions.IgnoreCase)]
    private static partial Regex Outside();
}
