using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>A study with <c>certify</c>: its proofs are cells like any other.</summary>
public class CertifiedStudyTests(CertifiedStudyTests.Whole whole)
    : IClassFixture<CertifiedStudyTests.Whole>
{
    private const string Study = """
        schema: qsim/study/1
        name: proofs
        epochs: 2
        images: 10
        calibration_images: 32
        profiles: [int8-wide, int4, chance.yaml]
        attacks: [fgsm, apgd-ce-5]
        epsilons: [1/255, 10/255]
        certify: {method: complete, nodes: 1, seconds: 60}
        """;

    private const string Chance = """
        schema: qsim/hardware-profile/1
        extends: int8-wide
        name: chance
        requantize: {rounding: STOCHASTIC}
        """;

    private static readonly string[] Compared =
        ["results.json", "certificates.csv", "accumulators.csv", "results.csv"];

    private readonly TemporaryFolder _folder = whole.Folder;

    [Fact]
    public void Results_HoldABracketAroundEveryAttack()
    {
        JsonElement results = Results();
        JsonElement[] certificates = [.. results.GetProperty("certificates").EnumerateArray()];

        Assert.Equal(6, certificates.Length);
        Assert.Contains(certificates, c => Number(c, "proved") > 0);
        Assert.Contains(certificates, c => Number(c, "broken") > 0);
        foreach (JsonElement c in certificates)
        {
            double atLeast = c.GetProperty("proved_accuracy").GetDouble(),
                atMost = c.GetProperty("attacked_accuracy").GetDouble();
            double worst = results.GetProperty("robust").EnumerateArray()
                .First(a => Is(a, "target", c) && a.GetProperty("epsilon").GetString()
                    == c.GetProperty("epsilon").GetString())
                .GetProperty("accuracy").GetDouble();
            Assert.True(atLeast <= atMost && atMost <= worst, $"{atLeast}, {atMost}, {worst}");
            Assert.InRange(atLeast, c.GetProperty("proved_low95").GetDouble(), 1);
            Assert.InRange(atMost, 0, c.GetProperty("attacked_high95").GetDouble());
            Assert.Equal(
                10,
                Number(c, "proved") + Number(c, "broken") + Number(c, "undecided")
                    + Number(c, "wrong"));
            Assert.Equal(
                c.GetProperty("profile").GetString() == "chance",
                c.TryGetProperty("why_not", out JsonElement why)
                    && why.ValueKind == JsonValueKind.String);
        }

        static bool Is(JsonElement a, string key, JsonElement c) =>
            a.GetProperty(key).GetString() == c.GetProperty("profile").GetString();
    }

    [Fact]
    public void Accumulators_NeedLessWithinASmallBudget()
    {
        JsonElement results = Results();
        JsonElement[] needs =
            [.. results.GetProperty("accumulator_needs").EnumerateArray()];
        int[] any =
        [
            .. needs.Select(n => results.GetProperty("layers").EnumerateArray()
                .First(l => l.GetProperty("layer").GetString() == n.GetProperty("layer").GetString()
                    && l.GetProperty("profile").GetString()
                        == n.GetProperty("profile").GetString())
                .GetProperty("needs_any").GetInt32()),
        ];

        Assert.Equal(2 * 2 * 4, needs.Length);
        Assert.All(needs.Zip(any), n => Assert.InRange(Number(n.First, "bits"), 2, n.Second));
        Assert.Contains(needs.Zip(any), n => Number(n.First, "bits") < n.Second);
    }

    [Fact]
    public void Console_AndReport_SayWhatIsProvedAndBroken()
    {
        const string Sentence =
            @"int4: of 10 images \d+ proved, \d+ broken, \d+ undecided at 10/255";
        Assert.Matches(Sentence, whole.Run.Out);
        Assert.Contains("chance: nothing can be proved at 1/255: layer 'conv1' rounds at random",
            whole.Run.Out);
        Assert.Contains("proved and broken", whole.Run.Out);
        Assert.Matches(Sentence, Read("r/report.md"));
        string page = Read("r/report.html");
        Assert.Matches(Sentence, page);
        Assert.Contains("id=\"certificates\"", page);
        Assert.Contains("int4, proved", page);
        Assert.Contains("within 10/255", page);
        Assert.StartsWith(
            "seed,profile,epsilon,epsilon_value,images,proved,broken,undecided,wrong,",
            Read("r/certificates.csv"));
    }

    [Fact]
    public void Shards_AndStoppedRuns_EndWithTheSameBytes()
    {
        string[] run = ["run", "s.yaml", "--quiet", "--cache", "nets"];
        Assert.Equal(0, Run([.. run, "--shard", "1/3", "--out", "one"]).ExitCode);
        Assert.Equal(0, Run([.. run, "--shard", "2/3", "--out", "two"]).ExitCode);
        Assert.Equal(0, Run([.. run, "--shard", "3/3", "--out", "three"]).ExitCode);
        Assert.Equal(0, Run(["merge", "merged", "three", "one", "two"]).ExitCode);
        AssertWhole("merged");

        string[] cells = File.ReadAllLines(_folder.File("r/cells.jsonl"));
        Directory.CreateDirectory(_folder.File("half"));
        File.Copy(_folder.File("r/study.json"), _folder.File("half/study.json"));
        File.WriteAllLines(_folder.File("half/cells.jsonl"), cells[..(cells.Length / 2)]);
        Assert.Equal(0, Run([.. run, "--out", "half"]).ExitCode);
        AssertWhole("half");

        Finished same = Run(["diff", "r", "half"]);
        Assert.Equal(0, same.ExitCode);
        Assert.Contains("hardware proved", same.Out);
    }

    /// <summary>Bounds that are measured behind attacks say no less of what these broke.</summary>
    [Fact]
    public void Bounds_MeasuredLast_AreTheSameCells()
    {
        string[] cells = File.ReadAllLines(_folder.File("r/cells.jsonl"));
        Directory.CreateDirectory(_folder.File("last"));
        File.Copy(_folder.File("r/study.json"), _folder.File("last/study.json"));
        string[] others = [.. cells.Where(c => !c.Contains("\"certify-bounds\""))];
        Assert.True(others.Length < cells.Length);
        File.WriteAllLines(_folder.File("last/cells.jsonl"), others);

        Assert.Equal(
            0, Run(["run", "s.yaml", "--quiet", "--cache", "nets", "--out", "last"]).ExitCode);

        Assert.Equal(
            cells.Order(StringComparer.Ordinal),
            File.ReadAllLines(_folder.File("last/cells.jsonl")).Order(StringComparer.Ordinal));
    }

    /// <summary>Nothing is made of an image that is both.</summary>
    [Fact]
    public void ProvedAndBroken_EndsEverything()
    {
        Directory.CreateDirectory(_folder.File("lie"));
        File.Copy(
            _folder.File("r/study.json"), _folder.File("lie/study.json"), overwrite: true);
        string[] cells = File.ReadAllLines(_folder.File("r/cells.jsonl"));
        int bounds = Array.FindIndex(cells, c => c.Contains("\"certify-bounds\"")
            && c.Contains("\"target\":\"int4\""));
        int at = Field(cells[bounds], "verdicts");
        int image = cells[bounds][at..].IndexOf('p');
        int attack = Array.FindIndex(cells, c => c.Contains("\"attack\":\"fgsm\"")
            && c.Contains("\"target\":\"int4\"") && c.Contains("\"1/255\""));
        cells[attack] = Forged.Line(cells[attack], line =>
        {
            int outcome = Field(line, "outcomes") + image;
            return $"{line[..outcome]}0{line[(outcome + 1)..]}";
        });
        File.WriteAllLines(_folder.File("lie/cells.jsonl"), cells);

        foreach (string[] command in new string[][]
        {
            ["report", "lie"], ["merge", "merged-lie", "lie"], ["diff", "lie", "r"],
            ["run", "s.yaml", "--out", "lie", "--quiet"],
        })
        {
            Finished ended = Run(command);
            Assert.Equal(3, ended.ExitCode);
            Assert.Contains(
                $"image {image} of int4, seed 1: proved by certify-bounds at ", ended.Error);
            Assert.Contains("and broken by fgsm at 1/255", ended.Error);
        }

        static int Field(string line, string name) =>
            line.IndexOf($"\"{name}\":\"", StringComparison.Ordinal) + name.Length + 4;
    }

    [Fact]
    public void Options_SayWhatAFileSays()
    {
        string[] question = ["--images", "8", "--epochs", "1", "--epsilons", "1/255", "--quiet"];
        Finished typed = Run(
        [
            "run", .. question, "--profile", "int4", "--attacks", "fgsm", "--certify", "bounds",
            "--certify-nodes", "7", "--certify-seconds", "5", "--json",
        ]);
        Assert.Equal(0, typed.ExitCode);
        JsonElement results = JsonDocument.Parse(typed.Out).RootElement;
        Assert.Equal(
            """{"method":"bounds","nodes":7,"seconds":5}""",
            JsonSerializer.Serialize(results.GetProperty("study").GetProperty("certify")));
        Assert.Equal(1, results.GetProperty("certificates").GetArrayLength());
    }

    [Theory]
    [InlineData("l2")]
    [InlineData("l1")]
    public void Bounds_UnderOtherNorms_StandBesideAttacks(string norm)
    {
        File.WriteAllText(
            _folder.File($"{norm}.yaml"),
            $"schema: qsim/study/1\nname: s\nimages: 8\nepochs: 2\nepsilons: [0.01, 3]\n"
                + $"norm: {norm}\nprofiles: [int4]\nattacks: [apgd-ce-5]\n"
                + "certify: {method: bounds}\n");
        Finished run = Run(["run", $"{norm}.yaml", "--out", norm, "--quiet", "--json"]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        JsonElement[] certificates =
        [
            .. JsonDocument.Parse(run.Out).RootElement.GetProperty("certificates")
                .EnumerateArray(),
        ];
        Assert.Equal(2, certificates.Length);
        Assert.InRange(Number(certificates[0], "proved"), 1, 8);
        Assert.InRange(Number(certificates[1], "broken"), 1, 8);
        Assert.All(certificates, c => Assert.Equal(
            8,
            Number(c, "proved") + Number(c, "broken") + Number(c, "undecided")
                + Number(c, "wrong")));
    }

    /// <summary>Each seed has a network of its own, and a proof is of one.</summary>
    [Fact]
    public void Seeds_WhoseProofsAreShown_IsSaid()
    {
        File.WriteAllText(
            _folder.File("seeds.yaml"),
            "schema: qsim/study/1\nname: s\nimages: 8\nepochs: 1\nepsilons: [1/255]\n"
                + "profiles: [int4]\nattacks: [fgsm]\ncertify: {method: bounds}\n"
                + "seeds: [3, 4]\n");
        Finished run = Run(["run", "seeds.yaml", "--out", "seeds"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("int4, seed 3: of 8 images ", run.Out);
        string page = Read("seeds/report.html");
        Assert.Contains("95 % Wilson intervals; seed 3", page);
        Assert.Contains("those of all seeds are in certificates.csv", page);
        Assert.Contains("No clear difference from float: int4. That", page);
        Assert.DoesNotContain("lines are proved", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("lines are proved", Read("r/report.html"));
    }

    [Theory]
    [InlineData("certify: {method: all}", "s2.yaml:2:19: certify.method: 'all'")]
    [InlineData("certify: {nodes: 0}", "s2.yaml:2:18: certify.nodes: 0")]
    [InlineData("certify: {node: 5}", "s2.yaml:2:11: certify.node: unknown key")]
    [InlineData("certify: {}\nnorm: l2", "certify complete is for budgets under linf")]
    public void WhatCannotBeAsked_IsRefused(string text, string said)
    {
        File.WriteAllText(_folder.File("s2.yaml"), $"schema: qsim/study/1\n{text}\n");
        Finished refused = Run(["run", "s2.yaml"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(said, refused.Error);
    }

    private static int Number(JsonElement element, string name) =>
        element.GetProperty(name).GetInt32();

    private JsonElement Results() => JsonDocument.Parse(Read("r/results.json")).RootElement;

    private string Read(string name) => File.ReadAllText(_folder.File(name));

    private Finished Run(string[] arguments) => Qsim.RunIn(_folder.Path, arguments);

    private void AssertWhole(string folder) => Assert.All(
        Compared, name => Assert.Equal(Read($"r/{name}"), Read($"{folder}/{name}")));

    /// <summary>One run that nobody disturbed.</summary>
    public sealed class Whole : IDisposable
    {
        public Whole()
        {
            File.WriteAllText(Folder.File("s.yaml"), Study);
            File.WriteAllText(Folder.File("chance.yaml"), Chance);
            Run = Qsim.RunIn(Folder.Path, "run", "s.yaml", "--out", "r", "--cache", "nets");
            Assert.Equal(0, Run.ExitCode);
        }

        internal TemporaryFolder Folder { get; } = new();

        internal Finished Run { get; }

        public void Dispose() => Folder.Dispose();
    }
}
