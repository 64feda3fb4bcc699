using System.Text.Json;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Parameters that do not survive quantization, wherever the real executable tells of them: a
/// network with a channel behind a batch norm of gamma 1e-9, and a pruned one, which loses nothing.
/// </summary>
public sealed class ParameterEventTests : IDisposable
{
    private const string Lost = "did not keep all parameters";

    private const string Narrow = """
        schema: qsim/hardware-profile/1
        name: narrow
        summary: weights below 1
        input: ap_ufixed<8,0>
        weight: ap_fixed<8,1,RND_CONV,SAT>
        activation: ap_fixed<16,6,RND_CONV,SAT>
        mac: {accumulator: {bits: 32}}
        requantize: cast
        """;

    private readonly TemporaryFolder _folder = new();

    public ParameterEventTests()
    {
        File.WriteAllText(_folder.File("narrow.yaml"), Narrow);
        File.WriteAllText(_folder.File("n.yaml"), """
            schema: qsim/network/1
            weights: w.npz
            layers:
              - {type: conv2d, name: conv}
              - {type: batch_norm, name: bn}
              - {type: relu, name: relu}
              - {type: flatten, name: flat}
              - {type: dense, name: logits}
            """);
        float[] weights = [.. Enumerable.Range(0, 27).Select(i => i < 18 ? (i % 5) - 2 : 0f)];
        using (FileStream file = File.Create(_folder.File("w.npz")))
            NpzFile.Write(
                file,
                [
                    ("conv.weight", NpyArray.Of(weights, 3, 1, 3, 3)),
                    ("conv.bias", NpyArray.Of((float[])[0, 0, 0], 3)),
                    ("bn.weight", NpyArray.Of((float[])[1, 1e-9f, 1], 3)),
                    ("bn.bias", NpyArray.Of((float[])[0, 0.5f, 0.25f], 3)),
                    ("bn.running_mean", NpyArray.Of((float[])[0, 0, 0], 3)),
                    ("bn.running_var", NpyArray.Of((float[])[1, 1, 1], 3)),
                    (
                        "logits.weight",
                        NpyArray.Of(
                            (float[])[.. Enumerable.Range(0, 24).Select(i => ((i % 7) - 3) / 9f)],
                            2, 12)),
                    ("logits.bias", NpyArray.Of((float[])[0, 0.1f], 2)),
                ]);
        float[] images = [.. Enumerable.Range(0, 8 * 16).Select(i => i * 37 % 256 / 255f)];
        NpyArray x = NpyArray.Of(images, 8, 1, 4, 4),
            y = NpyArray.Of([0L, 1, 0, 1, 0, 1, 0, 1], 8);
        using FileStream data = File.Create(_folder.File("d.npz"));
        NpzFile.Write(data, [("x_train", x), ("y_train", y), ("x_test", x), ("y_test", y)]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_VanishedChannelAndWeightsTooLarge_AreInTablesReportJsonAndCsv()
    {
        Finished run = Qsim.RunIn(
            _folder.Path,
            [
                "run", .. Network, "--profile", "tflite-int8,narrow.yaml", "--attacks", "fgsm",
                "--epsilons", "0.1", "--quiet", "--out", "r",
            ]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("ovf conv channel", run.Out);
        Assert.Contains("ovf conv weight", run.Out);
        Assert.Contains(
            $"Quantizing the network for tflite-int8 {Lost}: 1 of 3 channels.", run.Out);
        // The first weights are larger by 256/255, for pixels are bytes over 256: of channel 0
        // only the two 0 fit. Gamma makes those of channel 1 tiny.
        Assert.Contains(
            $"Quantizing the network for narrow {Lost}: 7 of 27 weights, 1 of 3 channels.",
            run.Out);
        string[] events = File.ReadAllLines(_folder.File("r/events.csv"));
        Assert.Contains(events, l => l.Contains(",tflite-int8,conv,channel,1,0,3"));
        Assert.Contains(events, l => l.Contains(",narrow,conv,weight,7,0,27"));
        Assert.DoesNotContain(events, l => l.Contains(",tflite-int8,conv,weight,"));
        JsonElement json = JsonDocument.Parse(
            File.ReadAllText(_folder.File("r/results.json"))).RootElement.GetProperty("events");
        JsonElement row = Assert.Single(json.EnumerateArray(), e =>
            e.GetProperty("profile").GetString() == "narrow"
            && e.GetProperty("stage").GetString() == "weight");
        Assert.Equal(7, row.GetProperty("overflowed").GetInt64());
        Assert.Equal(27, row.GetProperty("elements").GetInt64());
        string report = File.ReadAllText(_folder.File("r/report.md"));
        Assert.Contains("Parameters that left their range when the network was", report);
        Assert.Contains($"for tflite-int8 {Lost}", report);
    }

    [Fact]
    public void Explain_SaysWhatWasLost_LayerByLayer()
    {
        Finished run = Qsim.RunIn(
            _folder.Path, ["explain", "overflow", .. Network, "--profile", "narrow.yaml"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("conv: 7 of 27 weights left their format's range", run.Out);
        Assert.Contains("conv: 1 of 3 channels have only weights that became 0", run.Out);
    }

    [Fact]
    public void ProfilesExplain_SaysWhatWasLost_LayerByLayer()
    {
        Finished run = Qsim.RunIn(
            _folder.Path,
            [
                "profiles", "explain", "narrow.yaml", "--network", "n.yaml", "--data", "d.npz",
            ]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("conv: 7 of 27 weights left their format's range", run.Out);
    }

    private static string[] Network =>
    [
        "--network", "n.yaml", "--data", "d.npz", "--images", "8", "--calibration-images", "8",
    ];
}
