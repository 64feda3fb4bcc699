using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Logits behind a softmax, which networks here do without.</summary>
public class GoldenHintTests
{
    [Theory]
    [InlineData(false, "y: each image's sum to 1, as a softmax makes them")]
    [InlineData(true, "y: each image's exponentials sum to 1, as a softmax makes them")]
    public void Golden_BehindASoftmax_IsSaid(bool areLogarithms, string expected)
    {
        using var folder = new TemporaryFolder();
        var arrays = new Dictionary<string, NpyArray>(
            NpzFile.Read(File.ReadAllBytes(Path.Combine(OwnNetwork.Golden, "lenet.npz"))));
        NpyArray logits = arrays["y"];
        int classes = logits.Shape[1];
        arrays["y"] = NpyArray.Of(
            [.. logits.ToReals().Chunk(classes).SelectMany(Probabilities)], [.. logits.Shape]);
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file, arrays.Select(a => (a.Key, a.Value)));

        Finished run = Inspect(folder.File("g.npz"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Out);
        Assert.DoesNotContain(
            "softmax", Inspect(Path.Combine(OwnNetwork.Golden, "lenet.npz"), "0").Out);

        IEnumerable<float> Probabilities(double[] row) => row
            .Select(v => v - Math.Log(row.Sum(Math.Exp)))
            .Select(v => (float)(areLogarithms ? v : Math.Exp(v)));
    }

    private static Finished Inspect(string golden, string tolerance = "0.0001") => Qsim.Run(
        "inspect", Path.Combine(OwnNetwork.Golden, "lenet.yaml"), "--golden", golden,
        "--tolerance", tolerance);
}
