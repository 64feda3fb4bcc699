using System.Text.Json;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files.Onnx;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>The profile that a quantized network implies.</summary>
public class FromModelTests
{
    /// <summary>
    /// Sums of 16-bit products leave the 32 bits that 8-bit ones have room in; ONNX Runtime has
    /// float32 there.
    /// </summary>
    [Theory]
    [InlineData("from-model", 0)]
    [InlineData("onnxruntime-qlinear", 0)]
    [InlineData("int8-wide", 1)]
    public void Golden_SixteenBits_HaveRoomForTheirSums(string profile, int exitCode)
    {
        using var folder = new TemporaryFolder();
        WriteNetwork(folder.File("net.onnx"));
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file,
            [
                ("x", NpyArray.Of([.. Enumerable.Repeat(1f, 64)], 1, 64)),
                ("y", NpyArray.Of([32f, 64f], 1, 2)),
            ]);

        Finished run = Qsim.Run(
            "inspect", folder.File("net.onnx"), "--golden", folder.File("g.npz"), "--profile",
            profile, "--tolerance", "0.01");

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
    }

    /// <summary>Shifts are none of ONNX Runtime's: the line names what has them.</summary>
    [Theory]
    [InlineData("int8-wide", "from-model", "acc16-wrap, ", "int8-wide; its values")]
    [InlineData("tflite-int8", "int8-wide", "(this file fits ", "tflite-int8; its values")]
    public void Run_IntegersThatTheProfileHasNoRoomFor_NamesProfilesThatHave(
        string exported, string profile, params string[] said)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Qsim.RunIn(
            folder.Path, "run", "--epochs", "1", "--images", "4", "--attacks", "fgsm",
            "--epsilons", "0", "--out", "r", "--quiet").ExitCode);
        Assert.Equal(0, Qsim.RunIn(
            folder.Path, "export", "r/networks/digits-cnn-seed1.yaml", "--profile", exported,
            "--data", "digits", "--out", "net.yaml").ExitCode);

        Finished run = Qsim.RunIn(
            folder.Path, "run", "--network", "net.yaml", "--profile", profile, "--quiet");

        Assert.Equal(2, run.ExitCode);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.All(said, words => Assert.Contains(words, run.Error));
    }

    /// <summary>A study has the same sums: every image has its class.</summary>
    [Fact]
    public void Run_SixteenBits_HaveRoomForTheirSums()
    {
        using var folder = new TemporaryFolder();
        WriteNetwork(folder.File("net.onnx"));
        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(file,
            [
                ("x_test", NpyArray.Of([.. Enumerable.Repeat(1f, 4 * 64)], 4, 8, 8)),
                ("y_test", NpyArray.Of([1L, 1, 1, 1], 4)),
            ]);

        Finished run = Qsim.RunIn(
            folder.Path, "run", "--network", "net.onnx", "--data", "d.npz", "--profile",
            "from-model", "--profile", "int8-wide", "--attacks", "fgsm", "--epsilons",
            "0", "--images", "4", "--quiet", "--out", "r", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            [("float", 4), ("from-model", 4), ("int8-wide", 0)],
            JsonDocument.Parse(run.Out).RootElement.GetProperty("accuracy").EnumerateArray()
                .Select(a => (
                    a.GetProperty("target").GetString(), a.GetProperty("correct").GetInt32())));
    }

    [Fact]
    public void Export_FloatNetwork_ImpliesNothing()
    {
        using var folder = new TemporaryFolder();
        string lenet = Path.Combine(
            Shared.Repository, "tests", "Simulator", "Networks", "Files", "Golden", "lenet.yaml");

        Finished run = Qsim.Run(
            "export", lenet, "--profile", "from-model", "--out", folder.File("net.onnx"));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(
            "profile from-model: network 'lenet' is not quantized, so it implies no arithmetic",
            Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
    }

    /// <summary>64 pixels times a half and times 1, each of 16 bits.</summary>
    private static void WriteNetwork(string path)
    {
        var graph = new QdqGraph(isNew: true);
        TensorType real = new(new TensorShape(64, 1, 1), 16, false, 0);
        string x = graph.Quantized("input", "x", real, 1.0 / 65535);
        string weights = graph.Dequantized(
            "weights",
            graph.Raw(
                "weights/raw",
                [.. Enumerable.Range(0, 128).Select(i => i % 2 == 0 ? 16384L : 32767)], 16, true,
                64, 2),
            [1f / 32767]);
        string sums = graph.Node("MatMul", "sums", [x, weights]);
        string y = graph.Quantized("sums", "logits", real, 0.002);
        File.WriteAllBytes(path, graph.Build("net", [64], y, 2));
        Assert.Equal("sums", sums);
    }
}
