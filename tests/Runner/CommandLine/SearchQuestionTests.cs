using System.Diagnostics;
using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>What a search is asked, where it goes, and what it refuses.</summary>
public sealed class SearchQuestionTests : IDisposable
{
    private const string Small = """
        schema: qsim/study/1
        name: small
        profiles: [int4]
        epochs: 1
        images: 20
        calibration_images: 16
        sweep:
          weight.bits: [2, 3, 4]
        search: {objectives: [clean, weight_bits], held_back: 20}

        """;

    private static readonly string[] Written =
        ["search-results.json", "designs.csv", "front.csv", "front/results.json"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Search_Overwrite_DiscardsWhatTheFolderHolds()
    {
        File.WriteAllText(_folder.File("small.yaml"), Small);
        string[] small = ["search", "small.yaml", "--quiet", "--out"];
        string[] another = [.. small, "other", "--seed", "9", "--images", "30"];
        Assert.Equal(0, Qsim.RunIn(_folder.Path, [.. small, "fresh"]).ExitCode);
        Assert.Equal(0, Qsim.RunIn(_folder.Path, another).ExitCode);
        File.WriteAllText(_folder.File("other/profiles/front-99.yaml"), "");
        File.WriteAllText(_folder.File("other/profiles/mine.yaml"), "");
        Directory.CreateDirectory(_folder.File("full"));
        File.WriteAllText(_folder.File("full/thesis.txt"), "precious");

        Finished without = Qsim.RunIn(_folder.Path, [.. small, "other"]);
        Finished over = Qsim.RunIn(_folder.Path, [.. small, "other", "--overwrite"]);
        Finished full = Qsim.RunIn(_folder.Path, [.. small, "full", "--overwrite"]);

        Assert.Equal(2, without.ExitCode);
        Assert.Contains(
            "other: holds another search (name another --out, or add --overwrite)", without.Error);
        Assert.Equal((0, ""), (over.ExitCode, over.Error));
        foreach (string file in Written)
            Assert.Equal(
                File.ReadAllText(_folder.File($"fresh/{file}")),
                File.ReadAllText(_folder.File($"other/{file}")).Replace("other/", "fresh/"));
        Assert.Equal(
            File.ReadAllLines(_folder.File("fresh/cells.jsonl")).Length,
            File.ReadAllLines(_folder.File("other/cells.jsonl")).Length);
        Assert.Equal(
            Profiles("fresh").Append("mine.yaml").Order(StringComparer.Ordinal),
            Profiles("other"));
        Assert.Equal(2, full.ExitCode);
        Assert.Contains("full: is not empty and holds no search", full.Error);
        Assert.Equal("precious", File.ReadAllText(_folder.File("full/thesis.txt")));
    }

    /// <summary>A front that is empty leaves nothing of another search's.</summary>
    [Fact]
    public void Search_OverwriteWithoutAFront_LeavesNoRunOfTheOld()
    {
        File.WriteAllText(_folder.File("small.yaml"), Small);
        File.WriteAllText(
            _folder.File("none.yaml"),
            Small.Replace("held_back", "constraints: [clean at least 100], held_back"));
        string[] options = ["--quiet", "--out", "s"];
        Assert.Equal(0, Qsim.RunIn(_folder.Path, ["search", "small.yaml", .. options]).ExitCode);
        File.WriteAllText(_folder.File("s/front/mine.txt"), "precious");

        Finished none = Qsim.RunIn(
            _folder.Path, ["search", "none.yaml", .. options, "--overwrite"]);

        Assert.Equal((0, ""), (none.ExitCode, none.Error));
        Assert.Contains("no other that meets the constraints", none.Out.Replace("\n  ", " "));
        Assert.Equal(
            ["mine.txt"],
            Directory.GetFiles(_folder.File("s/front")).Select(f => Path.GetFileName(f)));
    }

    /// <summary>The front is a run of its own, but no command of its own.</summary>
    [Fact]
    public void Search_InterruptedInItsFront_SaysSoOnce()
    {
        File.WriteAllText(
            _folder.File("small.yaml"),
            Small + "attacks: [pgd-20000]\nepsilons: [0.001]\n");
        using Process process = Qsim.Start(
            _folder.Path, "search", "small.yaml", "--quiet", "--out", "s");
        string cells = _folder.File("s/front/cells.jsonl");
        Ends.When(() => File.Exists(cells) && new FileInfo(cells).Length > 0, process);
        Ends.Of("kill", "-INT", $"{process.Id}");

        Finished run = Ends.Of(process);

        Assert.Equal(130, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'), l => l.Contains("interrupted"));
        Assert.Contains("what was measured is in s; go on with: qsim search small.yaml", run.Error);
    }

    /// <summary>The same budget, written in two ways.</summary>
    [Fact]
    public void Search_SameObjectiveTwice_IsOne()
    {
        File.WriteAllText(
            _folder.File("small.yaml"),
            Small.Replace("[clean,", "[clean, worst at 8/255, worst at 16/510,")
                + "attacks: [fgsm]");

        Finished run = Qsim.RunIn(
            _folder.Path, "search", "small.yaml", "--quiet", "--out", "s");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            "front of clean, worst at 8/255 and weight_bits", run.Out.Replace("\n  ", " "));
    }

    /// <summary>The circuits of the front are the last that it measures.</summary>
    [Theory]
    [InlineData("--quiet")]
    [InlineData("--dry-run")]
    public void Search_CellsThatAreMissing_IsRefusedBeforeAnyWork(string option)
    {
        File.WriteAllText(_folder.File("small.yaml"), Small);

        Finished run = Qsim.RunIn(
            _folder.Path,
            ["search", "small.yaml", "--out", "s", "--cost-liberty", "none.lib", option]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("none.lib: ", Assert.Single(run.Error.Trim().Split('\n')));
        Assert.False(Directory.Exists(_folder.File("s")));
    }

    [Fact]
    public void Search_SmallerFront_TakesProfilesOfTheLargerAway()
    {
        File.WriteAllText(_folder.File("small.yaml"), Small);
        string[] small = ["search", "small.yaml", "--quiet", "--out", "s"];
        Assert.Equal(0, Qsim.RunIn(_folder.Path, small).ExitCode);
        string[] front = Profiles("s");
        File.WriteAllText(_folder.File("s/profiles/front-99.yaml"), "");
        File.WriteAllText(_folder.File("s/report.html.1.tmp"), "half");

        Assert.Equal(0, Qsim.RunIn(_folder.Path, small).ExitCode);

        Assert.Equal(front, Profiles("s"));
        Assert.False(File.Exists(_folder.File("s/report.html.1.tmp")));
    }

    [Fact]
    public void Plots_OfASearch_AreItsPictures()
    {
        File.WriteAllText(_folder.File("small.yaml"), Small);
        Assert.Equal(
            0, Qsim.RunIn(_folder.Path, "search", "small.yaml", "--quiet", "--out", "s").ExitCode);

        Finished plots = Qsim.RunIn(_folder.Path, "report", "s", "--plots", "p");
        Finished report = Qsim.RunIn(_folder.Path, "report", "s");

        Assert.Equal((0, ""), (plots.ExitCode, plots.Out));
        string[] numbers = Directory.GetFiles(_folder.File("s/plots"), "*.csv");
        Assert.NotEmpty(numbers);
        foreach (string file in numbers)
        {
            string drawn = _folder.File($"p/{Path.GetFileName(file)}");
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(drawn));
            Assert.Contains("<svg", File.ReadAllText(Path.ChangeExtension(drawn, "svg")));
        }

        Assert.Equal(2, report.ExitCode);
        Assert.Contains("s: holds a search or a sensitivity", report.Error);
        string results = _folder.File("s/search-results.json");
        string whole = File.ReadAllText(results);
        foreach (string damaged in new[]
        {
            whole[..^9], whole.Replace("\"clean\"", "\"cleen\""),
            whole.Replace("\"front\"", "\"frond\""), "{}", "",
        })
        {
            File.WriteAllText(results, damaged);
            Finished run = Qsim.RunIn(_folder.Path, "report", "s", "--plots", "q");
            Assert.Equal(2, run.ExitCode);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
            Assert.False(Directory.Exists(_folder.File("q")));
        }
    }

    /// <summary>
    /// Proofs as an objective: those that <c>qsim run</c> finds for the same profiles.
    /// </summary>
    [Fact]
    public void Search_Proved_IsWhatARunProves()
    {
        const string Study = """
            schema: qsim/study/1
            name: proved
            profiles: [int8-wide]
            epochs: 2
            images: 12
            calibration_images: 32
            attacks: [fgsm]
            epsilons: [1/255]
            certify: {method: bounds}
            sweep:
              weight.bits: [3, 8]
              mac.accumulator.bits: [14, 20]

            """;
        File.WriteAllText(
            _folder.File("search.yaml"),
            Study + "search: {objectives: [proved at 1/255, weight_bits], held_back: 8}\n");
        File.WriteAllText(_folder.File("sweep.yaml"), Study);
        Finished search = Qsim.RunIn(
            _folder.Path, "search", "search.yaml", "--quiet", "--out", "s");
        Finished sweep = Qsim.RunIn(_folder.Path, "run", "sweep.yaml", "--quiet", "--out", "r");
        Assert.Equal((0, ""), (search.ExitCode, search.Error));
        Assert.Equal((0, ""), (sweep.ExitCode, sweep.Error));

        using JsonDocument results = Json("s/search-results.json");
        using JsonDocument runs = Json("r/results.json");
        Dictionary<string, double> proved = runs.RootElement.GetProperty("certificates")
            .EnumerateArray().ToDictionary(
                c => c.GetProperty("profile").GetString()!,
                c => 100.0 * c.GetProperty("proved").GetInt32() / 12);
        var designs = results.RootElement.GetProperty("designs").EnumerateArray()
            .ToDictionary(d => d.GetProperty("name").GetString()!, Proved);
        Assert.Equal(4, designs.Count);
        Assert.All(designs, d => Assert.Equal(proved[d.Key], d.Value, 9));
        Assert.True(designs.Values.Distinct().Count() > 1, "nothing tells the designs apart");
        foreach (JsonElement design in
            results.RootElement.GetProperty("front").EnumerateArray())
            Assert.InRange(
                design.GetProperty("held_back").GetProperty("proved at 1/255").GetDouble(), 0, 100);

        static double Proved(JsonElement design) =>
            design.GetProperty("figures").GetProperty("proved at 1/255").GetDouble();
    }

    [Theory]
    [InlineData("search: {objectives: [size]}", "'size' is not a figure of a design")]
    [InlineData("search: {objectives: [worst]}", "worst needs a budget")]
    [InlineData("search: {objectives: []}", "bad.yaml:5:22: search.objectives: an empty list")]
    [InlineData("search: {constraints: [clean below 5]}", "is not a constraint")]
    [InlineData("search: {evaluations: 0}", "search.evaluations: 0 is less than 1")]
    [InlineData("seed: 1", "the study needs 'search:'")]
    [InlineData(
        "threats: [hardware, transfer]\nsearch: {objectives: [clean]}",
        "threats: a search has one, not 2 (supported: threats: [hardware], or another one)")]
    [InlineData(
        "seeds: [1, 2]\nsearch: {objectives: [clean]}",
        "seeds: a search has one, which trains its one network, not 2 (supported: seed: N)")]
    [InlineData("search: {objectives: [proved at 8/255]}", "the study needs 'certify:")]
    [InlineData(
        "  weight.bitz: [3, 4]\nsearch: {objectives: [clean]}",
        "bad.yaml:5:17: weight.bitz: unknown")]
    public void Search_Mistake_IsOneLine(string line, string expected)
    {
        File.WriteAllText(
            _folder.File("bad.yaml"),
            $"schema: qsim/study/1\nprofiles: [int4]\nsweep:\n  weight.bits: [3, 4]\n{line}\n");

        Finished run = Qsim.RunIn(_folder.Path, "search", "bad.yaml", "--out", "bad");

        Assert.Equal(2, run.ExitCode);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Contains(expected, run.Error);
        Assert.False(Directory.Exists(_folder.File("bad")));
    }

    [Fact]
    public void Search_NothingCanBeBuilt_SaysWhy()
    {
        File.WriteAllText(
            _folder.File("none.yaml"),
            "schema: qsim/study/1\nprofiles: [int4]\nepochs: 1\nimages: 20\nsweep:\n"
                + "  layers[name=convX].weight.bits: [3, 4]\nsearch: {objectives: [clean]}\n");

        Finished run = Qsim.RunIn(
            _folder.Path, "search", "none.yaml", "--out", "none", "--quiet");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("none of 2 designs can be built: int4 bits=3: ", run.Error);
    }

    private string[] Profiles(string search) =>
    [
        .. Directory.GetFiles(_folder.File($"{search}/profiles")).Select(f => Path.GetFileName(f))
            .Order(StringComparer.Ordinal),
    ];

    private JsonDocument Json(string name) =>
        JsonDocument.Parse(File.ReadAllText(_folder.File(name)));
}
