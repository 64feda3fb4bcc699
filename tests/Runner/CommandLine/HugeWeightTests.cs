using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>A network that gives no numbers.</summary>
public class HugeWeightTests
{
    /// <summary>What was made before it was known goes away again, and nothing else.</summary>
    [Theory]
    [InlineData("--out r")]
    [InlineData("--out new/r --save-images adv/images")]
    [InlineData("")]
    [InlineData("--out there")]
    public void Run_LogitsTooLargeForFloat_IsOneLineAndLeavesNothing(string folders)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("there"));
        float[] weights = new float[10 * 64];
        Array.Fill(weights, 3e38f);
        using (FileStream file = File.Create(folder.File("w.npz")))
            NpzFile.Write(file, [("d.weight", NpyArray.Of(weights, 10, 64))]);
        File.WriteAllText(
            folder.File("net.yaml"),
            "schema: qsim/network/1\nweights: w.npz\nlayers: [{type: flatten}, {type: dense, "
                + "name: d}]\n");

        Finished run = Qsim.RunIn(
            folder.Path,
            [
                "run", "--network", "net.yaml", "--profile", "int8-wide", "--attacks", "fgsm",
                "--epsilons", "0.1", "--images", "10", "--quiet",
                .. folders.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            ]);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "qsim: network net: its logits for test image 0 are not finite numbers: weights that "
                + "are too large, or training that diverged",
            run.Error.Trim());
        Assert.Equal(
            ["net.yaml", "there", "w.npz"],
            Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(folder.Path, f)).Order());
    }

    /// <summary>Refused after training: what was trained stays.</summary>
    [Fact]
    public void Run_TrainingThatDiverges_IsOneLineAndKeepsTheNetwork()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("s.yaml"),
            "schema: qsim/study/1\ntraining: {learning_rate: 10, optimizer: sgd, weight_decay: 1}"
                + "\nepochs: 3\nimages: 10\n");

        Finished run = Qsim.RunIn(
            folder.Path,
            [
                "run", "s.yaml", "--profile", "int8-wide", "--attacks", "fgsm", "--epsilons", "0.1",
                "--quiet", "--out", "r",
            ]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("training that diverged", Assert.Single(run.Error.Trim().Split('\n')));
        Assert.Single(Directory.GetFiles(folder.File("r/cache/networks")));
        Assert.Contains("\"failed\"", File.ReadAllText(folder.File("r/manifest.json")));
    }
}
