using System.Diagnostics;
using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Tiny studies through the real executable.</summary>
public class RunTests(RunTests.TinyRuns runs) : IClassFixture<RunTests.TinyRuns>
{
    private static readonly string[] Tiny =
    [
        "run",
        "--images",
        "20",
        "--epochs",
        "3",
        "--calibration-images",
        "16",
        "--attacks",
        "fgsm,pgd-3",
        "--epsilons",
        "16/255,0.3",
        "--profile",
        "int8-wide",
        "--profile",
        "int4",
    ];

    [Fact]
    public void Run_Redirected_PrintsOnePlainTableWithinAHundredColumns()
    {
        Finished run = runs.Table;

        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain('\u001b', run.Out + run.Error);
        string[] lines = run.Out.TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 100));
        Assert.Matches("^accuracy in % +float +int8-wide +int4$", lines[0]);
        string[] rows =
        [
            "clean",
            "fgsm 16/255",
            "fgsm 0.3",
            "pgd-3 16/255",
            "pgd-3 0.3",
            "fgsm crossover",
            "pgd-3 crossover",
            "ovf conv1 acc",
            "ovf conv1 out",
            "ovf dense2 out",
        ];
        Assert.All(rows, row => Assert.Single(lines, line => line.StartsWith(row + " ")));
        Assert.Contains("attack with pgd-3", run.Error);
        Assert.Contains("Written to table: ", run.Error);
        Assert.Contains("Next: ", run.Error);
    }

    [Fact]
    public void Run_SameSeed_GivesTheSameBytesWhateverTheThreadsAndTheBackend()
    {
        Finished again = Qsim.RunIn(
            runs.Folder.Path,
            [.. Tiny, "--out", "again", "--threads", "1", "--backend", "reference"]);

        Assert.Equal((0, 0), (runs.Table.ExitCode, again.ExitCode));
        foreach (string file
            in new[] { "results.json", "results.csv", "crossovers.csv", "events.csv" })
            Assert.Equal(
                File.ReadAllText(runs.Folder.File($"table/{file}")),
                File.ReadAllText(runs.Folder.File($"again/{file}")));
        Assert.NotEqual(
            File.ReadAllText(runs.Folder.File("table/results.json")),
            File.ReadAllText(runs.Folder.File("seed7/results.json")));
    }

    [Fact]
    public void Run_Json_PrintsResultsJsonAndNothingElse()
    {
        Finished run = runs.Seed7;

        Assert.Equal("", run.Error);
        Assert.Equal(File.ReadAllText(runs.Folder.File("seed7/results.json")), run.Out);
        JsonElement results = JsonDocument.Parse(run.Out).RootElement;
        Assert.True(results.GetProperty("complete").GetBoolean());
        Assert.Equal(3 * 5, results.GetProperty("accuracy").GetArrayLength());
        JsonElement clean = results.GetProperty("accuracy")[0];
        Assert.Equal("float", clean.GetProperty("target").GetString());
        Assert.Equal(
            clean.GetProperty("correct").GetInt32() / 20.0,
            clean.GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public void Run_Csv_HasTheNumbersOfTheJson()
    {
        JsonElement results = JsonDocument.Parse(runs.Seed7.Out).RootElement;

        string[] lines = File.ReadAllLines(runs.Folder.File("seed7/results.csv"));
        Assert.Equal(
            "seed,threat,target,attack,epsilon,epsilon_value,correct,images,accuracy,low95,high95",
            lines[0]);
        Assert.Equal(
            results
                .GetProperty("accuracy")
                .EnumerateArray()
                .Select(c => string.Join(
                    ',', new[] { "target", "attack", "epsilon", "correct" }.Select(c.GetProperty))),
            lines.Skip(1).Select(l => l.Split(',')).Select(f => $"{f[2]},{f[3]},{f[4]},{f[6]}"));
    }

    [Fact]
    public void Run_Manifest_NamesEveryInputByItsDigest()
    {
        string shipped = Path.Combine(Shared.Repository, "hardware-profiles", "int8-wide.yaml");

        JsonElement manifest = JsonDocument
            .Parse(File.ReadAllText(runs.Folder.File("seed7/manifest.json")))
            .RootElement;
        Assert.Equal("finished", manifest.GetProperty("status").GetString());
        Assert.Equal(7, manifest.GetProperty("seed").GetInt32());
        Dictionary<string, string> inputs = manifest
            .GetProperty("inputs")
            .EnumerateArray()
            .ToDictionary(
                i => $"{i.GetProperty("kind")} {i.GetProperty("name")}",
                i => i.GetProperty("sha256").GetString()!);
        Assert.Equal(
            ["data digits", "model digits-cnn", "profile int4", "profile int8-wide"],
            inputs.Keys.Order());
        Assert.All(inputs.Values, digest => Assert.Matches("^[0-9a-f]{64}$", digest));
        Assert.Equal(
            Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(shipped))),
            inputs["profile int8-wide"]);
        Assert.True(manifest.GetProperty("seconds").GetProperty("attack").GetDouble() > 0);
    }

    [Fact]
    public void Run_StudyFile_AsksItsQuestionAndOptionsOverrideIt()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("s.yaml"), """
            schema: qsim/study/1
            images: 20
            epochs: 1
            profiles: [int4]
            attacks: [fgsm]
            epsilons: [0.1]
            threat: transfer
            """);

        Finished run = Qsim.RunIn(
            folder.Path, "run", "s.yaml", "--out", "r", "--json", "--images", "10");

        Assert.Equal(0, run.ExitCode);
        JsonElement results = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal(
            "transfer", results.GetProperty("study").GetProperty("threats")[0].GetString());
        Assert.Equal(
            ["float none 10", "int4 none 10", "float fgsm 10", "int4 fgsm 10"],
            results.GetProperty("accuracy").EnumerateArray().Select(c =>
                $"{c.GetProperty("target")} {c.GetProperty("attack")} {c.GetProperty("images")}"));
        Assert.Contains("\"kind\": \"study\"", File.ReadAllText(folder.File("r/manifest.json")));
    }

    [Fact]
    public void Run_FolderHoldsARun_IsRefusedUnlessOverwritten()
    {
        using var folder = new TemporaryFolder();
        string[] smallest =
        [
            "run",
            "--images",
            "2",
            "--epochs",
            "1",
            "--attacks",
            "fgsm",
            "--epsilons",
            "0.1",
            "--profile",
            "int4",
            "--out",
            "r",
            "--quiet",
        ];

        Assert.Equal(0, Qsim.RunIn(folder.Path, smallest).ExitCode);
        Finished again = Qsim.RunIn(folder.Path, smallest);
        Finished second = Qsim.RunIn(folder.Path, [.. smallest, "--seed", "2"]);
        Finished third = Qsim.RunIn(folder.Path, [.. smallest, "--seed", "2", "--overwrite"]);

        Assert.Equal((0, 2, 0), (again.ExitCode, second.ExitCode, third.ExitCode));
        Assert.Contains("r: this run is finished, nothing was left to do", again.Error);
        Assert.Contains(
            "r: already holds a run (name another --out, or add --overwrite)", second.Error);
    }

    [Fact]
    public void Run_AttackOnTheDesign_IsMadeAnewForTheExamples()
    {
        using var folder = new TemporaryFolder();

        Finished run = Qsim.RunIn(
            folder.Path, "run", "--epochs", "2", "--images", "60", "--attacks", "overflow",
            "--profile", "int8-acc-wrap", "--epsilons", "48/255", "--out", "r", "--quiet");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("\"overflow\"", File.ReadAllText(folder.File("r/examples.json")));
    }

    [Theory]
    [InlineData("score", "square-5", "Threat model score: each column is attacked by its own "
        + "logits")]
    [InlineData("label", "noise", "Threat model label: each column is attacked by its own "
        + "decisions")]
    public void Run_BlackBox_SaysSoUnderTheTable(string threat, string attack, string expected)
    {
        using var folder = new TemporaryFolder();

        Finished run = Qsim.RunIn(
            folder.Path, "run", "--epochs", "1", "--images", "9", "--attacks", attack, "--threat",
            threat, "--profile", "int4", "--epsilons", "0.1", "--out", "r", "--quiet");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Out);
    }

    [Fact]
    public void DryRun_NoBudgetButTheChecksOwn_IsEstimated()
    {
        Finished run = Qsim.Run(
            "run", "--dry-run", "--epochs", "1", "--images", "9", "--attacks", "pgd-3",
            "--epsilons", "0", "--profile", "int4");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("time: about ", run.Out);
    }

    [SkippableFact]
    public void Run_Interrupted_KeepsWhatWasFinishedAndExits130()
    {
        Skip.If(OperatingSystem.IsWindows(), "there is no kill command");
        using var folder = new TemporaryFolder();
        using Process process = Qsim.Start(
            folder.Path, "run", "--epochs", "1", "--out", "r", "--attacks", "fgsm,pgd-100000");
        string error = Ends.LinesTo(
            process.StandardError, line => line.EndsWith("attack with pgd-100000"));
        Ends.Of("kill", "-INT", $"{process.Id}");
        Finished run = Qsim.Finish(process);

        Assert.Equal(130, run.ExitCode);
        Assert.Equal("", run.Out);
        Assert.Contains("interrupted; what was finished is in r; go on with: " +
            "qsim run --epochs 1 --out r --attacks fgsm,pgd-100000", error + run.Error);
        Assert.Empty(Directory.GetFiles(folder.File("r"), "*.tmp"));
        JsonElement results = JsonDocument
            .Parse(File.ReadAllText(folder.File("r/results.json")))
            .RootElement;
        Assert.False(results.GetProperty("complete").GetBoolean());
        Assert.Contains(
            results.GetProperty("accuracy").EnumerateArray(),
            c =>
                c.GetProperty("attack").GetString() == "fgsm"
                && c.GetProperty("images").GetInt32() == 500);
        JsonElement manifest = JsonDocument
            .Parse(File.ReadAllText(folder.File("r/manifest.json")))
            .RootElement;
        Assert.Equal("interrupted", manifest.GetProperty("status").GetString());
    }

    /// <summary>Two runs of one study that most tests only read.</summary>
    public sealed class TinyRuns : IDisposable
    {
        public TinyRuns()
        {
            Table = Qsim.RunIn(Folder.Path, [.. Tiny, "--out", "table"]);
            Seed7 = Qsim.RunIn(
                Folder.Path,
                [.. Tiny, "--out", "seed7", "--seed", "7", "--json", "--quiet"]);
        }

        internal Finished Table { get; }

        internal Finished Seed7 { get; }

        internal TemporaryFolder Folder { get; } = new();

        public void Dispose() => Folder.Dispose();
    }
}
