using System.Text.Json;
using Google.Protobuf;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Which of several outputs the logits are: <c>--output</c> and <c>#NAME</c>.</summary>
public class OutputOptionTests
{
    private const string Hidden = "/fc1/Gemm_output_0";

    private static readonly string[] Small =
    [
        "--profile", "int8-wide", "--attacks", "fgsm", "--epsilons", "0.1", "--images", "3",
        "--calibration-images", "3", "--quiet",
    ];

    [Fact]
    public void Run_Output_IsTheNameBehindTheFile()
    {
        using var folder = TwoOutputs();

        Finished typed = Qsim.RunIn(folder.Path,
        [
            "run", "--network", "two.onnx", "--output", Hidden, "--data", "d.npz", .. Small,
            "--out", "a",
        ]);
        Directory.CreateDirectory(folder.File("elsewhere"));
        File.WriteAllText(
            folder.File("s.yaml"),
            $"schema: qsim/study/1\ndata: d.npz\nnetwork: two.onnx#{Hidden}\n");
        Finished written = Qsim.RunIn(
            folder.File("elsewhere"), ["run", "../s.yaml", .. Small, "--out", "b"]);
        Finished changed = Qsim.RunIn(
            folder.File("elsewhere"),
            ["run", "../s.yaml", "--output", "logits", .. Small, "--out", "c"]);

        Assert.Equal((0, 0, 0), (typed.ExitCode, written.ExitCode, changed.ExitCode));
        string Results(string run) => File.ReadAllText(folder.File($"{run}/results.csv"));
        Assert.Equal(Results("a"), Results("elsewhere/b"));
        Assert.NotEqual(Results("a"), Results("elsewhere/c"));
        Assert.Contains(
            $"\"network\": \"two.onnx#{Hidden}\"", File.ReadAllText(folder.File("a/study.json")));
    }

    [Fact]
    public void Inspect_And_Export_TakeIt()
    {
        using var folder = TwoOutputs();
        int Logits(params string[] arguments) => JsonDocument.Parse(Qsim.RunIn(
            folder.Path, ["inspect", .. arguments, "--profile", "int8-wide", "--json"]).Out)
            .RootElement.GetProperty("layers").EnumerateArray().Last()
            .GetProperty("output").GetString()!.Split('x').Aggregate(1, (n, e) => n * int.Parse(e));

        Finished export = Qsim.RunIn(folder.Path,
        [
            "export", "two.onnx", "--output", Hidden, "--profile", "int8-wide", "--data", "d.npz",
            "--calibration-images", "3", "--out", "half.npz",
        ]);

        Assert.Equal(5, Logits("two.onnx", "--output", "logits"));
        Assert.NotEqual(5, Logits("two.onnx", "--output", Hidden));
        Assert.Equal(Logits($"two.onnx#{Hidden}"), Logits("two.onnx", "--output", Hidden));
        Assert.Equal((0, ""), (export.ExitCode, export.Error));
        Assert.True(File.Exists(folder.File("half.npz")));
    }

    [Theory]
    [InlineData("inspect two.onnx", $"has 2 outputs (logits, {Hidden}), where one is needed: name "
        + "it behind the file, as in two.onnx#logits, or with --output")]
    [InlineData("inspect two.onnx --output logit",
        $"has no output 'logit'; did you mean 'logits'? (found: logits, {Hidden})")]
    [InlineData("run --network two.onnx --output z --data d.npz",
        $"has no output 'z' (found: logits, {Hidden})")]
    [InlineData("inspect two.onnx#logits --output logits",
        "--output logits: the network says '#logits' already (supported: one of the two)")]
    [InlineData("run --network two.onnx#logits --output logits --data d.npz",
        "--output logits: the network says '#logits' already (supported: one of the two)")]
    [InlineData("export net.yaml --output y --profile int8-wide --out o.npz",
        "--output y: outputs are chosen of ONNX files alone, and the network is 'net.yaml'")]
    [InlineData("run --output y",
        "--output y: outputs are chosen of ONNX files alone, and the network is 'digits-cnn'")]
    public void Output_ThatCannotBe_IsOneLineAndExitCode2(string arguments, string expected)
    {
        using var folder = TwoOutputs();

        Finished run = Qsim.RunIn(folder.Path, arguments.Split(' '));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        Assert.False(File.Exists(folder.File("o.npz")));
    }

    /// <summary>The golden LeNet, its hidden layer an output more, and its images.</summary>
    private static TemporaryFolder TwoOutputs()
    {
        TemporaryFolder folder = OwnNetwork.LeNet();
        ModelProto model = ModelProto.Parser.ParseFrom(
            File.ReadAllBytes(folder.File("lenet.onnx")));
        model.Graph.Output.Add(new ValueInfoProto { Name = Hidden });
        File.WriteAllBytes(folder.File("two.onnx"), model.ToByteArray());
        return folder;
    }
}
