using System.Diagnostics;
using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Training recipes through the real executable.</summary>
public class TrainingRunTests
{
    private const string Study = """
        schema: qsim/study/1
        name: recipe
        training: {epochs: 4, validation: 200, patience: 2, clip: 1, quantize: all,
          adversarial: {epsilon: 8/255, steps: 2}}
        images: 20
        calibration_images: 16
        seeds: [1, 2]
        profiles: [int8-wide]
        sweep: {weight.bits: [3, 5]}
        attacks: [fgsm]
        threats: [hardware, transfer]
        epsilons: [8/255]
        """;

    /// <summary>A trial trains on fewer images than some studies hold out.</summary>
    [Fact]
    public void DryRun_MoreImagesHeldOutThanATrialTrainsOn_IsEstimated()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("s.yaml"), Study.Replace("validation: 200", "validation: 300"));

        Finished run = Qsim.RunIn(folder.Path, "run", "s.yaml", "--dry-run");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("time: ", run.Out);
    }

    [Fact]
    public void Run_KilledWhileItTrains_EndsWithTheBytesOfAnUndisturbedRun()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("s.yaml"), Study);
        Assert.Equal(
            0,
            Qsim.RunIn(folder.Path, "run", "s.yaml", "--out", "whole", "--threads", "1").ExitCode);

        foreach (int networks in new[] { 0, 1, 2, 4 })
        {
            using Process process = Qsim.Start(
                folder.Path, "run", "s.yaml", "--out", "killed", "--quiet");
            Ends.When(() => Networks(folder) > networks, process);
            Ends.Kill(process);
            Assert.NotEqual(0, process.ExitCode);
        }

        Assert.Equal(0, Qsim.RunIn(folder.Path, "run", "s.yaml", "--out", "killed").ExitCode);
        foreach (string file
            in new[] { "study.json", "results.json", "comparisons.csv", "events.csv" })
            Assert.Equal(
                File.ReadAllText(folder.File($"whole/{file}")),
                File.ReadAllText(folder.File($"killed/{file}")));

        using JsonDocument results = JsonDocument.Parse(
            File.ReadAllText(folder.File("whole/results.json")));
        JsonElement recipe = results.RootElement.GetProperty("study").GetProperty("training");
        Assert.Equal(
            ("all", 200.0, "8/255"),
            (
                recipe.GetProperty("quantize").GetString(),
                recipe.GetProperty("validation").GetDouble(),
                recipe.GetProperty("adversarial").GetProperty("epsilon").GetString()));
        JsonElement[] models = [.. results.RootElement.GetProperty("models").EnumerateArray()];
        Assert.Equal(2 * 3, models.Length);
        Assert.Equal(6, models.Select(m => m.GetProperty("sha256").GetString()).Distinct().Count());
        Assert.Equal(4, models.Count(m => m.TryGetProperty("profile", out _)));
        Assert.All(
            models,
            m =>
                Assert.InRange(m.GetProperty("training").GetProperty("kept_epoch").GetInt32(), 1, 4)
        );
        Assert.All(
            models,
            m =>
                Assert.InRange(
                    m.GetProperty("training").GetProperty("validation_accuracy").GetDouble(), 0.1,
                    1));
        string[] kept = Directory.GetFiles(folder.File("whole/networks"), "*.npz");
        Assert.Equal(
            6, kept.Select(f => Convert.ToHexString(File.ReadAllBytes(f))).Distinct().Count());
        Assert.Contains(folder.File("whole/networks/digits-cnn-seed2-int8-wide-bits-3.npz"), kept);
        string manifest = File.ReadAllText(folder.File("whole/manifest.json"));
        Assert.Contains("\"digits-cnn for int8-wide bits=3 seed 2\"", manifest);
    }

    [Theory]
    [InlineData(
        "training: {clip: 0}",
        "s.yaml:2:18: training.clip: 0 is out of range (supported: above 0, at most 1000)")]
    [InlineData(
        "training: {validation: 1297}",
        "training.validation 1297: there are 1297 training images (supported: 0..1296)")]
    public void Run_BadRecipe_IsOneLineAndExitCode2(string training, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("s.yaml"), $"schema: qsim/study/1\n{training}\n");
        Finished run = Qsim.RunIn(folder.Path, "run", "s.yaml", "--out", "r");
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        Assert.False(Directory.Exists(folder.File("r")));
    }

    private static int Networks(TemporaryFolder folder)
    {
        string networks = folder.File("killed/cache/networks");
        return Directory.Exists(networks) ? Directory.EnumerateFiles(networks, "*.bin").Count() : 0;
    }
}
