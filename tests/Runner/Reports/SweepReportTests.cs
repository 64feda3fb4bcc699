using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using StbImageSharp;
using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Reports;

/// <summary>What a study that sweeps shows first.</summary>
public partial class SweepReportTests(SweepReportTests.Swept swept)
    : IClassFixture<SweepReportTests.Swept>
{
    private static readonly string[] Bits = ["12", "14", "16", "20"];

    [Fact]
    public void SmallestValues_AreThoseThatCellsGiveByHand()
    {
        var rows = Csv("smallest-values.csv");

        // Two modes, clean and two budgets, float and widest.
        Assert.Equal(2 * 3 * 2, rows.Count);
        foreach (var row in rows)
        {
            string mode = row["others"]["overflow=".Length..];
            string[] lossy = [.. Bits.Select(b => Outcomes($"int8-wide bits={b} overflow={mode}"))];
            string against = row["reference"] == "float" ? Outcomes("float") : lossy[^1];
            string? expected = null;
            for (int i = Bits.Length - 1; i >= 0 && Right(against) - Right(lossy[i]) <= 2; i--)
                expected = Bits[i];
            Assert.Equal(expected ?? "", row["value"]);
            Assert.Equal("mac.accumulator.bits", row["key"]);
            if (expected is not null && row["lost_points"].Length > 0)
                Assert.Equal(
                    (Right(against) - Right(lossy[Array.IndexOf(Bits, expected)])) * 100.0 / 40,
                    double.Parse(row["lost_points"], CultureInfo.InvariantCulture), 9);

            string Outcomes(string target) => Worst(target, row["threat"], row["epsilon_value"]);
        }

        static int Right(string outcomes) => outcomes.Count(o => o == '1');
    }

    [Fact]
    public void SmallestValues_HaveProofCalibrationAndCountsBeside()
    {
        foreach (var row in Csv("smallest-values.csv"))
        {
            string mode = row["others"]["overflow=".Length..];
            Assert.Equal(From(f => f["can_overflow"] == "0"), row["never_overflows"]);
            Assert.Equal(
                From(f => f["can_overflow_in_calibration"] == "0"), row["not_in_calibration"]);

            string From(Func<Dictionary<string, string>, bool> holds)
            {
                string from = "";
                foreach (string bits in Bits.Reverse())
                {
                    if (!Csv("layers.csv").Where(l =>
                        l["profile"] == $"int8-wide bits={bits} overflow={mode}").All(holds))
                        break;
                    from = bits;
                }

                return from;
            }
        }
    }

    [Fact]
    public void Report_LeadsWithTheSweptKey()
    {
        XElement page = XDocument.Load(swept.Folder.File("r/report.html")).Root!;
        XElement[] sections = [.. page.Descendants("section")];

        Assert.Equal(
            ["sweep", "verdict", "curves"],
            sections.Take(3).Select(s => s.Attribute("id")!.Value));
        // Clean and two budgets; a line per mode and the float network.
        XElement[] charts = [.. sections[0].Descendants("figure")];
        Assert.Equal(3, charts.Length);
        Assert.All(charts, c => Assert.Equal(
            ["float", "overflow=SAT", "overflow=WRAP"],
            c.Descendants("g").Attributes("data-name").Select(n => n.Value).Distinct().Order()));
        Assert.All(charts, c => Assert.Contains(c.Descendants("g"), g =>
            g.Attribute("class")?.Value == "tolerance"));
        string[] sentences =
        [
            .. sections[0].Elements("p").Select(p => p.Value)
                .Where(p => p.StartsWith("Smallest", StringComparison.Ordinal)),
        ];
        Assert.Equal(2, sentences.Length);
        string shown = Blanks().Replace(swept.Run.Out, " ");
        Assert.All(sentences, s => Assert.Contains(s, shown));
        Assert.Contains("smallest values within 5 points", swept.Run.Out);
        Assert.All(swept.Run.Out.Split('\n'), l => Assert.InRange(l.Length, 0, 110));
        // The rest of curves over epsilon is there on demand.
        Assert.Contains(sections[2].Elements("details"), d =>
            d.Element("summary")!.Value.StartsWith("Every other", StringComparison.Ordinal));
    }

    [Fact]
    public void Plots_HaveTheirNumbersInTheFolder_AndAreFilesOnDemand()
    {
        string[] numbers = File.ReadAllLines(swept.Folder.File("r/plots/sweep-1-clean.csv"));
        Assert.Equal("curve,x,accuracy,low,high", numbers[0]);
        string clean = Worst("int8-wide bits=14 overflow=WRAP", "", "0");
        double accuracy = clean.Count(c => c == '1') / 40.0;
        Assert.Contains(numbers, n => n.StartsWith(
            FormattableString.Invariant($"overflow=WRAP,14,{accuracy:R},"),
            StringComparison.Ordinal));

        Finished plots = Qsim.RunIn(swept.Folder.Path, "report", "r", "--plots", "figures");

        Assert.Equal((0, ""), (plots.ExitCode, plots.Out));
        Assert.Equal(
            File.ReadAllBytes(swept.Folder.File("r/plots/sweep-1-clean.csv")),
            File.ReadAllBytes(swept.Folder.File("figures/sweep-1-clean.csv")));
        string[] pictures = Directory.GetFiles(swept.Folder.File("figures"), "*.svg");
        Assert.True(pictures.Length > 6);
        foreach (string picture in pictures)
        {
            XElement svg = XDocument.Load(picture).Root!;
            Assert.Equal("{http://www.w3.org/2000/svg}svg", svg.Name.ToString());
            Assert.EndsWith("mm", svg.Attribute("width")!.Value);
            Assert.DoesNotContain("var(", svg.ToString());
            Assert.Empty(svg.Descendants().Attributes("class"));
        }

        Assert.Equal(
            2, Qsim.RunIn(swept.Folder.Path, "report", "r", "--plots", "p", "--out", "o").ExitCode);
    }

    [SkippableFact]
    public void Plots_AsPng_AreTheSameDrawings()
    {
        Finished plots = Qsim.RunIn(
            swept.Folder.Path, "report", "r", "--plots", "dots", "--format", "png");
        if (plots.Error.Contains("-p:Png=true"))
        {
            Assert.Equal(2, plots.ExitCode);
            Assert.Single(plots.Error.TrimEnd().Split('\n'));
            Assert.False(Directory.Exists(swept.Folder.File("dots")));
            Skip.If(true, "built without -p:Png=true");
        }

        Assert.Equal((0, ""), (plots.ExitCode, plots.Out));
        string[] drawings = Directory.GetFiles(swept.Folder.File("dots"), "*.svg");
        Assert.Equal(
            drawings.Select(d => Path.ChangeExtension(d, "png")).Order(),
            Directory.GetFiles(swept.Folder.File("dots"), "*.png").Order());
        foreach (string drawing in drawings)
        {
            XElement svg = XDocument.Load(drawing).Root!;
            ImageResult png = ImageResult.FromMemory(
                File.ReadAllBytes(Path.ChangeExtension(drawing, "png")),
                ColorComponents.RedGreenBlue);
            Assert.Equal(Dots("width"), png.Width, 4.0);
            Assert.Equal(Dots("height"), png.Height, 4.0);
            // Letters are of one colour in its middle, curves of theirs.
            foreach (string colour in svg.Descendants().Attributes()
                .Where(a => a.Name.LocalName is "fill" or "stroke" && a.Value.StartsWith('#'))
                .Where(a => a.Parent!.Attribute("fill-opacity") is null)
                .Select(a => a.Value).Distinct())
                Assert.Contains(colour, Colours(png));

            double Dots(string side) => 300 / 25.4 * double.Parse(
                svg.Attribute(side)!.Value[..^2], CultureInfo.InvariantCulture);
        }

        static HashSet<string> Colours(ImageResult png) =>
        [
            .. png.Data.Chunk(3).Select(c => $"#{Convert.ToHexStringLower(c)}"),
        ];
    }

    /// <summary>An image counts where it is right in every cell of the target.</summary>
    private string Worst(string target, string threat, string epsilon)
    {
        string[] all =
        [
            .. File.ReadAllLines(swept.Folder.File("r/cells.jsonl"))
                .Select(l => JsonDocument.Parse(l).RootElement)
                .Where(c => c.GetProperty("target").GetString() == target
                    && Attack(c) is "none" or "fgsm" or "pgd-3"
                    && (c.TryGetProperty("threat", out JsonElement t) ? t.GetString() : "")
                        == threat.ToLowerInvariant()
                    && Value(c.GetProperty("epsilon").GetString()!)
                        == double.Parse(epsilon, CultureInfo.InvariantCulture))
                .Select(c => c.GetProperty("outcomes").GetString()!),
        ];
        Assert.Equal(threat.Length == 0 ? 1 : 2, all.Length);
        return string.Concat(Enumerable.Range(0, 40).Select(i =>
            all.All(o => o[i] == '1') ? '1' : '0'));

        static string? Attack(JsonElement cell) => cell.GetProperty("attack").GetString();

        static double Value(string epsilon) => epsilon.Split('/') is [var a, var b]
            ? double.Parse(a, CultureInfo.InvariantCulture)
                / double.Parse(b, CultureInfo.InvariantCulture)
            : double.Parse(epsilon, CultureInfo.InvariantCulture);
    }

    private List<Dictionary<string, string>> Csv(string name)
    {
        string[][] lines =
        [
            .. File.ReadAllLines(swept.Folder.File($"r/{name}")).Select(l => l.Split(',')),
        ];
        return
        [
            .. lines.Skip(1).Select(l => lines[0].Zip(l).ToDictionary(p => p.First, p => p.Second)),
        ];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    /// <summary>A small run that sweeps two keys.</summary>
    public sealed class Swept : IDisposable
    {
        private const string Study = """
            schema: qsim/study/1
            name: swept
            epochs: 3
            images: 40
            calibration_images: 16
            profiles: [int8-wide]
            sweep:
              mac.accumulator.bits: [20, 12..16 step 2]
              mac.accumulator.overflow: [WRAP, SAT]
            tolerance: 5
            attacks: [fgsm, pgd-3]
            epsilons: [16/255, 0.2]
            """;

        public Swept()
        {
            File.WriteAllText(Folder.File("s.yaml"), Study);
            Run = Qsim.RunIn(Folder.Path, "run", "s.yaml", "--out", "r", "--quiet");
            Assert.Equal((0, ""), (Run.ExitCode, Run.Error));
        }

        internal TemporaryFolder Folder { get; } = new();

        internal Finished Run { get; }

        public void Dispose() => Folder.Dispose();
    }
}
