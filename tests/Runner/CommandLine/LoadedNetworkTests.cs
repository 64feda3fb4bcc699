using System.Text.Json;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Networks and images of a user's own through the real executable.</summary>
public class LoadedNetworkTests
{
    private static readonly string Golden = OwnNetwork.Golden;

    private static readonly string[] Small =
    [
        "--profile",
        "int8-wide",
        "--attacks",
        "fgsm",
        "--epsilons",
        "0.1",
        "--images",
        "3",
        "--calibration-images",
        "3",
        "--quiet",
    ];

    [Fact]
    public void Run_OnnxAndNpz_JudgesAsPyTorchDoes()
    {
        using var folder = OwnNetwork.LeNet();

        Finished run = Qsim.RunIn(
            folder.Path,
            ["run", "--network", "lenet.onnx", "--data", "d.npz", .. Small, "--out", "r", "--json"]
        );

        Assert.Equal(0, run.ExitCode);
        JsonElement results = JsonDocument.Parse(run.Out).RootElement;
        // The labels are PyTorch's own decisions, but for the last one.
        Assert.Equal(2, results.GetProperty("accuracy")[0].GetProperty("correct").GetInt32());
        JsonElement model = results.GetProperty("models")[0];
        Assert.Equal("lenet", model.GetProperty("name").GetString());
        // Nobody trained it here, and nobody classifies all training images for a figure.
        Assert.False(model.TryGetProperty("training_accuracy", out _));
        string sha = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(
                File.ReadAllBytes(folder.File("lenet.onnx"))));
        Assert.Contains(
            $"\"network_sha256\": \"{sha}\"", File.ReadAllText(folder.File("r/study.json")));
        Assert.Contains(
            JsonDocument
                .Parse(File.ReadAllText(folder.File("r/manifest.json")))
                .RootElement.GetProperty("inputs")
                .EnumerateArray(),
            i =>
                i.GetProperty("kind").GetString() == "network"
                && i.GetProperty("source").GetString() == "lenet.onnx"
                && i.GetProperty("sha256").GetString() == sha);
    }

    /// <summary>A logit that no label asks for wins: the image is classified wrong.</summary>
    [Theory]
    [InlineData(3, true)]
    [InlineData(11, false)]
    public void Run_MoreLogitsThanClasses_CountsTheOthersAsWrong(int largest, bool isRight)
    {
        using var folder = new TemporaryFolder();
        float[] bias = new float[12];
        bias[largest] = 5;
        using (FileStream file = File.Create(folder.File("w.npz")))
            NpzFile.Write(
                file,
                [
                    ("d.weight", NpyArray.Of(new float[12 * 64], 12, 64)),
                    ("d.bias", NpyArray.Of(bias, 12)),
                ]);
        File.WriteAllText(
            folder.File("net.yaml"),
            "schema: qsim/network/1\nweights: w.npz\nlayers: [{type: flatten}, {type: dense, "
                + "name: d}]\n");

        Finished run = Qsim.RunIn(
            folder.Path,
            [
                "run", "--network", "net.yaml", "--profile", "int8-wide", "--attacks", "fgsm",
                "--epsilons", "0.1", "--images", "100", "--quiet", "--out", "r", "--json",
            ]);

        Assert.Equal(0, run.ExitCode);
        JsonElement accuracy = JsonDocument.Parse(run.Out).RootElement.GetProperty("accuracy");
        foreach (JsonElement cell in accuracy.EnumerateArray()
            .Where(c => c.GetProperty("attack").GetString() == "none"))
            Assert.InRange(
                cell.GetProperty("correct").GetInt32(), isRight ? 5 : 0, isRight ? 20 : 0);
    }

    [Theory]
    [InlineData("resnet.onnx", "resnet")]
    [InlineData("resnet.yaml", "resnet")]
    [InlineData("mlp.onnx", "mlp")]
    [InlineData("odd.onnx", "odd")]
    public void Run_EveryGoldenNetwork_IsRightInFloatAndRunsAndIsAttackedOnHardware(
        string network, string golden)
    {
        using var folder = new TemporaryFolder();
        (NpyArray images, long[] labels, int classes) = OwnNetwork.Images(golden);
        OwnNetwork.WriteData(folder.File("d.npz"), images, labels, classes);

        Finished run = Qsim.RunIn(
            folder.Path,
            [
                "run",
                "--network",
                Path.Combine(Golden, network),
                "--data",
                "d.npz",
                .. Small,
                "--json",
            ]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement accuracy = JsonDocument.Parse(run.Out).RootElement.GetProperty("accuracy");
        Assert.Equal(
            ["float none", "int8-wide none", "float fgsm", "int8-wide fgsm"],
            accuracy
                .EnumerateArray()
                .Select(c => $"{c.GetProperty("target")} {c.GetProperty("attack")}"));
        Assert.Equal(3, accuracy[0].GetProperty("correct").GetInt32());
    }

    [Fact]
    public void Run_MeanAndDeviation_AreRecordedAndNameAnotherNetwork()
    {
        using var folder = OwnNetwork.LeNet();

        Finished run = Qsim.RunIn(
            folder.Path,
            [
                "run", "--network", "lenet.onnx", "--data", "d.npz", .. Small, "--pixel-mean",
                "0.25", "--pixel-std", "0.5", "--out", "r",
            ]);
        Finished untrained = Qsim.Run("run", "--network", "digits-cnn", "--pixel-mean", "0.25");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement study = JsonDocument.Parse(File.ReadAllText(folder.File("r/study.json")))
            .RootElement;
        JsonElement pixels = study.GetProperty("settings").GetProperty("preprocess");
        Assert.Equal(0.25, pixels.GetProperty("mean")[0].GetDouble());
        Assert.Equal(0.5, pixels.GetProperty("std")[0].GetDouble());
        Assert.NotEqual(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
                File.ReadAllBytes(folder.File("lenet.onnx")))),
            study.GetProperty("network_sha256").GetString());
        Assert.Equal(2, untrained.ExitCode);
        Assert.Contains(
            "pixel mean, std and scale are for a trained network, not for 'digits-cnn'",
            untrained.Error);
    }

    [Fact]
    public void Run_StudyFile_FindsNetworkAndDataBesideItAndFormatsAgree()
    {
        using var folder = OwnNetwork.LeNet();
        Directory.CreateDirectory(folder.File("elsewhere"));
        foreach (string network in new[] { "lenet.yaml", "lenet.onnx" })
        {
            File.WriteAllText(
                folder.File($"{network}.study.yaml"),
                $"schema: qsim/study/1\ndata: d.npz\nnetwork: {network}\n");
            Finished run = Qsim.RunIn(
                folder.File("elsewhere"),
                ["run", $"../{network}.study.yaml", .. Small, "--out", network]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
        }

        Assert.Equal(
            File.ReadAllText(folder.File("elsewhere/lenet.yaml/results.csv")),
            File.ReadAllText(folder.File("elsewhere/lenet.onnx/results.csv")));
    }

    [Fact]
    public void Run_FileChanges_NothingOfTheOldNetworkIsUsed()
    {
        using var folder = OwnNetwork.LeNet();
        string[] run =
        [
            "run",
            "--network",
            "lenet.yaml",
            "--data",
            "d.npz",
            .. Small,
            "--cache",
            "cache",
        ];

        Assert.Equal(0, Qsim.RunIn(folder.Path, [.. run, "--out", "a"]).ExitCode);
        string yaml = File.ReadAllText(folder.File("lenet.yaml"));
        File.WriteAllText(folder.File("lenet.yaml"), yaml.Replace("max_pool2d", "average_pool2d"));
        Assert.Equal(0, Qsim.RunIn(folder.Path, [.. run, "--out", "b"]).ExitCode);

        string[] a = Keys(folder.File("a/cells.jsonl")), b = Keys(folder.File("b/cells.jsonl"));
        Assert.Equal(4, a.Length);
        Assert.Empty(a.Intersect(b));
    }

    [Theory]
    [InlineData(
        "seven.npz: y_train: label 2 is 6, but network 'lenet' has 5 logits (supported: 0..4)",
        "lenet.onnx", "seven.npz")]
    [InlineData(
        "lenet.onnx: its input 'image' is [?, 1, 12, 12], where images of 1x8x8 need [?, 1,",
        "lenet.onnx", "digits")]
    [InlineData("gone.onnx: there is no such file", "gone.onnx", "d.npz")]
    [InlineData(
        "d.npz.onnx: cannot be read as an ONNX model: it is not one, or", "d.npz.onnx", "d.npz")]
    [InlineData(
        "lenet.yaml:4:8: input: takes 1x12x12 images, but those of the data are 1x8x8",
        "lenet.yaml", "digits")]
    [InlineData("cut.pt: not a file of PyTorch's, or cut short", "cut.yaml", "d.npz")]
    [InlineData("nan.yaml: layer 'conv1' has a weight that is not a finite "
        + "number", "nan.yaml", "d.npz")]
    [InlineData("sub: is a folder where a file is needed", "folder.yaml", "d.npz")]
    public void Run_NetworkThatDoesNotFit_IsOneLineAndExitCode2(
        string expected, string network, string data)
    {
        using var folder = OwnNetwork.LeNet();
        File.Copy(folder.File("d.npz"), folder.File("d.npz.onnx"));
        byte[] whole = File.ReadAllBytes(Path.Combine(Golden, "resnet.state_dict.pt"));
        File.WriteAllBytes(folder.File("cut.pt"), whole[..999]);
        Directory.CreateDirectory(folder.File("sub"));
        WriteNotANumber(folder.File("lenet.weights.npz"), folder.File("nan.npz"));
        string lenet = File.ReadAllText(folder.File("lenet.yaml"));
        foreach ((string yaml, string weights) in new[]
            { ("cut", "cut.pt"), ("nan", "nan.npz"), ("folder", "sub") })
            File.WriteAllText(
                folder.File($"{yaml}.yaml"), lenet.Replace("lenet.weights.npz", weights));

        Finished run = Qsim.RunIn(
            folder.Path, ["run", "--network", network, "--data", data, .. Small]);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
    }

    private static void WriteNotANumber(string weights, string path)
    {
        using FileStream to = File.Create(path);
        IReadOnlyDictionary<string, NpyArray> arrays = NpzFile.Read(File.ReadAllBytes(weights));
        BitConverter.TryWriteBytes(arrays["conv1.weight"].Data, float.NaN);
        NpzFile.Write(to, arrays.Select(a => (a.Key, a.Value)));
    }

    private static string[] Keys(string cells) =>
        [
            .. File.ReadAllLines(cells)
                .Select(l => JsonDocument.Parse(l).RootElement.GetProperty("key").GetString()!),
        ];
}
