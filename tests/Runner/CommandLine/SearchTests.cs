using QSim.Runner.Tests.Search;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using QSim.Runner.Search.Fronts;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Searches of the embedded digits, with the real executable.</summary>
public sealed class SearchTests(SearchTests.Whole whole) : IClassFixture<SearchTests.Whole>
{
    private static readonly string[] Written =
        ["search-results.json", "designs.csv", "front.csv", "front/results.json"];

    [Fact]
    public void Search_AllDesigns_FindsTheFrontOfBruteForce()
    {
        Row[] brute = BruteForce();
        Score[] scores = [.. brute.Select(b => b.Score)];
        string[] front =
        [
            .. Front.Of(scores).Select(i => string.Join(' ', scores[i].Objectives)).Distinct()
                .Order(StringComparer.Ordinal),
        ];

        using JsonDocument results = Json(whole.Folder.File("all/search-results.json"));
        JsonElement[] found = [.. results.RootElement.GetProperty("front").EnumerateArray()];

        Assert.Equal(Designs, brute.Length);
        Assert.True(results.RootElement.GetProperty("is_exhaustive").GetBoolean());
        Assert.Equal(
            front,
            found.Select(f => string.Join(' ', Figures(f))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Search_HalfTheDesigns_ComesCloseToIt()
    {
        Row[] brute = BruteForce();
        using JsonDocument results = Json(whole.Folder.File("half/search-results.json"));
        double[][] found =
        [
            .. results.RootElement.GetProperty("front").EnumerateArray().Select(Figures),
        ];
        double[] reference =
            [.. Enumerable.Range(0, 3).Select(o => brute.Max(b => b.Score.Objectives[o]) + 1)];
        double share = Hypervolume.Of(found, reference)
            / Hypervolume.Of(brute.Select(b => b.Score.Objectives), reference);

        Assert.Equal(
            Designs / 2, results.RootElement.GetProperty("designs").GetArrayLength());
        Assert.InRange(share, 0.95, 1 + 1e-9);
    }

    [Fact]
    public void Search_KilledAndOnOneThread_EndsWithTheSameBytes()
    {
        string cells = whole.Folder.File("killed/cells.jsonl");
        foreach (int after in new[] { 0, 10, 25 })
        {
            using Process process = Qsim.Start(
                whole.Folder.Path, "search", "half.yaml", "--out", "killed", "--quiet");
            Ends.When(() => Lines(cells) > after, process);
            Ends.Kill(process);
            Assert.NotEqual(0, process.ExitCode);
        }

        Finished last = Qsim.RunIn(
            whole.Folder.Path, "search", "half.yaml", "--out", "killed", "--threads", "1");

        Assert.Equal(0, last.ExitCode);
        Assert.Contains("cells are measured, going on", last.Error);
        foreach (string file in Written.Concat(Profiles("half")))
            Assert.Equal(
                File.ReadAllText(whole.Folder.File($"half/{file}")),
                File.ReadAllText(whole.Folder.File($"killed/{file}")).Replace(
                    "killed/", "half/"));
    }

    [Fact]
    public void Profiles_RunAsTheDesignsThatTheyAre()
    {
        using JsonDocument results = Json(whole.Folder.File("half/search-results.json"));
        JsonElement[] front =
            [.. results.RootElement.GetProperty("front").EnumerateArray()];
        Finished run = Qsim.RunIn(
            whole.Folder.Path,
            [
                "run", "--epochs", "3", "--images", "40", "--calibration-images", "16",
                "--attacks", "fgsm", "--epsilons", "16/255", "--out", "again", "--quiet",
                .. front.SelectMany(f => new[]
                {
                    "--profile", $"half/profiles/{f.GetProperty("name").GetString()}.yaml",
                }),
            ]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] lines = File.ReadAllLines(whole.Folder.File("again/results.csv"));
        foreach (JsonElement design in front)
        {
            string[][] own =
            [
                .. lines.Select(l => l.Split(',')).Where(l =>
                    l[2] == design.GetProperty("name").GetString()),
            ];
            Assert.Equal(
                Figures(design)[..2],
                own.Select(l => 100 - (100.0 * int.Parse(l[6], null) / 40)));
        }
    }

    [Fact]
    public void Front_IsMeasuredOnImagesHeldBack()
    {
        using JsonDocument question = Json(whole.Folder.File("half/front/study.json"));
        JsonElement settings = question.RootElement.GetProperty("settings");
        Assert.Equal(
            (40, 60),
            (settings.GetProperty("skip_images").GetInt32(),
                settings.GetProperty("images").GetInt32()));
        string page = File.ReadAllText(whole.Folder.File("half/report.html"));
        Assert.Contains("<a href=\"#front-1\">", page);
        Assert.Contains("id=\"front-1\"", page);
        Assert.Contains("On images that the search did not see", whole.Half.Out);
        Assert.Contains("designs were looked at", whole.Half.Out);
        Assert.All(whole.Half.Out.Split('\n'), l => Assert.InRange(l.Length, 0, 110));
    }

    [Fact]
    public void Race_FewImages_AreTheFirstOfAll()
    {
        Finished run = Qsim.RunIn(
            whole.Folder.Path, "search", "half.yaml", "--out", "raced", "--quiet", "--images",
            "256");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var cells = File.ReadAllLines(whole.Folder.File("raced/cells.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement)
            .Select(c => (
                Cell: (Text(c, "target"), Text(c, "attack")), Outcomes: Text(c, "outcomes")))
            .ToArray();

        Assert.Equal([32, 64, 256], cells.Select(c => c.Outcomes.Length).Distinct().Order());
        foreach (var same in cells.GroupBy(c => c.Cell))
        {
            string longest = same.MaxBy(c => c.Outcomes.Length).Outcomes;
            Assert.All(same, c => Assert.StartsWith(c.Outcomes, longest));
        }

        static string Text(JsonElement cell, string name) => cell.GetProperty(name).GetString()!;
    }

    private const int Designs = 3 * 2 * 3 * 2;

    private static double[] Figures(JsonElement design)
    {
        JsonElement figures = design.GetProperty("figures");
        return
        [
            100 - figures.GetProperty("clean").GetDouble(),
            100 - figures.GetProperty("worst at 16/255").GetDouble(),
            figures.GetProperty("bit_operations").GetDouble(),
        ];
    }

    /// <summary>What a sweep over every design measures.</summary>
    private Row[] BruteForce()
    {
        ILookup<string, string[]> accuracy = Csv("sweep/results.csv").ToLookup(l => l[2]);
        ILookup<string, string[]> layers = Csv("sweep/layers.csv").ToLookup(l => l[1]);
        return
        [
            .. layers.Select(design => new Row(new Score(
                [
                    .. accuracy[design.Key].OrderBy(l => Number(l[5])).Select(l =>
                        100 - (100.0 * int.Parse(l[6], null) / 40)),
                    design.Sum(l => Number(l[3]) * Number(l[5]) * Number(l[6])),
                ], 0))),
        ];

        IEnumerable<string[]> Csv(string name) =>
            File.ReadAllLines(whole.Folder.File(name)).Skip(1).Select(l => l.Split(','));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private IEnumerable<string> Profiles(string search) =>
        Directory.GetFiles(whole.Folder.File($"{search}/profiles"))
            .Select(f => $"profiles/{Path.GetFileName(f)}");

    private static JsonDocument Json(string file) => JsonDocument.Parse(File.ReadAllText(file));

    private static int Lines(string file)
    {
        if (!File.Exists(file)) return 0;
        using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    private sealed record Row(Score Score);

    /// <summary>One space swept whole, searched whole and searched by half.</summary>
    public sealed class Whole : IDisposable
    {
        private const string Study = """
            schema: qsim/study/1
            name: four-keys
            epochs: 3
            images: 40
            calibration_images: 16
            profiles: [int8-wide]
            sweep:
              weight.bits: [8, 3, 5]
              layers[type=dense].weight.bits: [4, 8]
              mac.accumulator.bits: [14..18 step 2]
              mac.accumulator.overflow: [WRAP, SAT]
            attacks: [fgsm]
            epsilons: [16/255]
            search:
              objectives: [clean, worst at 16/255, bit_operations]
              population: 6
              held_back: 60
              evaluations: 
            """;

        public Whole()
        {
            File.WriteAllText(Folder.File("all.yaml"), $"{Study}{Designs}\n");
            File.WriteAllText(Folder.File("half.yaml"), $"{Study}{Designs / 2}\n");
            Finished sweep = Qsim.RunIn(
                Folder.Path, "run", "all.yaml", "--out", "sweep", "--quiet");
            Assert.Equal((0, ""), (sweep.ExitCode, sweep.Error));
            Finished all = Qsim.RunIn(
                Folder.Path, "search", "all.yaml", "--out", "all", "--quiet");
            Assert.Equal((0, ""), (all.ExitCode, all.Error));
            Half = Qsim.RunIn(Folder.Path, "search", "half.yaml", "--out", "half", "--quiet");
            Assert.Equal((0, ""), (Half.ExitCode, Half.Error));
        }

        internal TemporaryFolder Folder { get; } = new();

        internal Finished Half { get; }

        public void Dispose() => Folder.Dispose();
    }
}
