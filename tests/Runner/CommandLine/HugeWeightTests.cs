using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>A network that gives no numbers.</summary>
public class HugeWeightTests
{
    [Fact]
    public void Run_LogitsTooLargeForFloat_IsOneLine()
    {
        using var folder = new TemporaryFolder();
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
                "--epsilons", "0.1", "--images", "10", "--quiet", "--out", "r",
            ]);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "qsim: network net: its logits for test image 0 are not finite numbers: weights that "
                + "are too large, or training that diverged",
            run.Error.Trim());
    }
}
