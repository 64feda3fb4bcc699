using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// What a run leaves in its folder is enough to do it, or a part of it, once more.
/// </summary>
public class AgainTests : IClassFixture<AgainTests.OneRun>
{
    private static readonly string[] Derived =
    [
        "study.json",
        "results.json",
        "results.csv",
        "crossovers.csv",
        "comparisons.csv",
        "events.csv",
        "cells.jsonl",
    ];

    private readonly TemporaryFolder _folder;

    public AgainTests(OneRun run) => _folder = run.Folder;

    [Fact]
    public void Run_StudyJsonOfARun_GivesTheSameBytes()
    {
        Finished again = Qsim.RunIn(
            _folder.Path, "run", "r/study.json", "--out", "again", "--quiet");

        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        foreach (string file in Derived)
            Assert.Equal(
                File.ReadAllText(_folder.File($"r/{file}")),
                File.ReadAllText(_folder.File($"again/{file}")));
    }

    [Fact]
    public void Run_StudyJsonOfARunWhoseProfileChanged_IsRefused()
    {
        string json = File.ReadAllText(_folder.File("r/study.json"));
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(elsewhere.File("study.json"), json);
        File.WriteAllText(elsewhere.File("chip.yaml"), OneRun.Chip.Replace("bits: 15", "bits: 16"));

        Finished again = Qsim.RunIn(elsewhere.Path, "run", "study.json", "--quiet");
        File.WriteAllText(elsewhere.File("study.json"), "{}");
        Finished damaged = Qsim.RunIn(elsewhere.Path, "run", "study.json", "--quiet");

        Assert.Equal((2, 2), (again.ExitCode, damaged.ExitCode));
        Assert.Equal(
            "qsim: study.json: profile 'chip' has changed since that run: its SHA-256 is "
                + "different\n",
            again.Error);
        Assert.Equal(
            "study.json: is not the study.json of a run (studies that you write are YAML)\n",
            damaged.Error);
    }

    [Fact]
    public void Run_SavedNetwork_IsTheTrainedOneToTheBit()
    {
        Finished loaded = Qsim.RunIn(
            _folder.Path, "run", "r/study.json", "--network", "r/networks/digits-cnn-seed3.yaml",
            "--out", "loaded", "--quiet");

        Assert.Equal((0, ""), (loaded.ExitCode, loaded.Error));
        Assert.Equal(Outcomes("r"), Outcomes("loaded"));
        Assert.Equal(ModelSha256("r"), ModelSha256("loaded"));
        Assert.Equal(
            File.ReadAllText(_folder.File("r/events.csv")),
            File.ReadAllText(_folder.File("loaded/events.csv")));
        Assert.False(Directory.Exists(_folder.File("loaded/networks")));
    }

    [Fact]
    public void Explain_CacheOfARun_TakesItsNetwork()
    {
        string[] explain =
        [
            "explain",
            "overflow",
            "--profile",
            "chip.yaml",
            "--epochs",
            "1",
            "--images",
            "20",
            "--seed",
            "3",
            "--calibration-images",
            "16",
        ];

        Finished trained = Qsim.RunIn(_folder.Path, explain);
        Finished cached = Qsim.RunIn(_folder.Path, [.. explain, "--cache", "r/cache"]);

        Assert.Equal((0, 0), (trained.ExitCode, cached.ExitCode));
        Assert.Contains("train digits-cnn", trained.Error);
        Assert.Contains("load digits-cnn, trained before", cached.Error);
        Assert.Equal(trained.Out, cached.Out);
    }

    private string[] Outcomes(string run) =>
        [
            .. File.ReadAllLines(_folder.File($"{run}/cells.jsonl"))
                .Select(l => JsonDocument.Parse(l).RootElement)
                .Select(c =>
                    $"{c.GetProperty("target")} {c.GetProperty("attack")} "
                        + $"{c.GetProperty("outcomes")}"),
        ];

    private string? ModelSha256(string run) =>
        JsonDocument
            .Parse(File.ReadAllText(_folder.File($"{run}/results.json")))
            .RootElement.GetProperty("models")[0]
            .GetProperty("sha256")
            .GetString();

    /// <summary>A small run.</summary>
    public sealed class OneRun : IDisposable
    {
        internal const string Chip = """
            schema: qsim/hardware-profile/1
            name: chip
            extends: int8-wide
            mac:
              accumulator: {bits: 15, overflow: SAT}
            """;

        public OneRun()
        {
            File.WriteAllText(Folder.File("chip.yaml"), Chip);
            Finished run = Qsim.RunIn(
                Folder.Path, "run", "--profile", "chip.yaml", "--epochs", "1", "--images", "20",
                "--seed", "3", "--calibration-images", "16", "--attacks", "fgsm,pgd-3",
                "--epsilons", "0.1", "--out", "r", "--quiet");
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
        }

        internal TemporaryFolder Folder { get; } = new();

        public void Dispose() => Folder.Dispose();
    }
}
