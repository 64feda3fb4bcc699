using System.Text.Json;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files.Onnx;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim inspect</c> through the real executable.</summary>
public class InspectTests
{
    private static readonly string Golden =
        Path.Combine(Shared.Repository, "tests", "Simulator", "Networks", "Files", "Golden");

    [Fact]
    public void Inspect_Preset_CountsWeightsAndProducts()
    {
        Finished run = Qsim.Run("inspect", "lenet5", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement network = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal("1x28x28", network.GetProperty("input").GetString());
        Assert.Equal(61_706, network.GetProperty("parameters").GetInt64());
        // 28*28*6*25 + 10*10*16*150 + 400*120 + 120*84 + 84*10.
        Assert.Equal(416_520, network.GetProperty("multiply_accumulates").GetInt64());
        JsonElement conv = network.GetProperty("layers")[0];
        Assert.Equal("6x28x28", conv.GetProperty("output").GetString());
        Assert.Equal("input", conv.GetProperty("reads")[0].GetString());
        Assert.Equal(JsonValueKind.Null, conv.GetProperty("values").ValueKind);
        JsonElement[] profiles = [.. network.GetProperty("profiles").EnumerateArray()];
        Assert.True(profiles.Length > 10);
        JsonElement wide = profiles.Single(p => p.GetProperty("name").GetString() == "int8-wide");
        Assert.Equal(JsonValueKind.Null, wide.GetProperty("why_not").ValueKind);
        Assert.Equal("int8", wide.GetProperty("weights").GetString());
    }

    [Fact]
    public void Inspect_File_ReadsItsShapeAndShowsRanges()
    {
        Finished run = Qsim.Run(
            "inspect", Path.Combine(Golden, "lenet.yaml"), "--profile", "int4,tflite-int8");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(
            @"(?m)^lenet: 1x12x12 images, 5 logits, [\d,]+ parameters, [\d,]+ multiply-", run.Out);
        Assert.Matches(@"(?m)^int4 +yes +int4 ", run.Out);
        Assert.Matches(@"(?m)^tflite-int8 +yes +int8 ", run.Out);
        Assert.Contains("sixteen grey images", run.Out);
    }

    [Fact]
    public void Inspect_Data_HasRangesOfValues()
    {
        Finished run = Qsim.Run(
            "inspect", "digits-cnn", "--data", "digits", "--profile", "int8-wide", "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement layer = JsonDocument.Parse(run.Out).RootElement.GetProperty("layers")[0];
        Assert.Equal(2, layer.GetProperty("values").GetArrayLength());
    }

    [Theory]
    [InlineData("lenet.onnx", "lenet")]
    [InlineData("lenet.yaml", "lenet")]
    [InlineData("odd.onnx", "odd")]
    public void Golden_PyTorchsLogits_AreWithinTolerance(string network, string golden)
    {
        Finished run = Qsim.Run(
            "inspect", Path.Combine(Golden, network), "--golden",
            Path.Combine(Golden, $"{golden}.npz"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("all within 0.0001 (--tolerance)", run.Out);
    }

    /// <summary>Logits of a dynamically quantized network are float32 numbers.</summary>
    [Fact]
    public void Golden_DynamicHardware_ComparesNumbers()
    {
        var graph = new QdqGraph();
        DynamicIntegers x = graph.Dynamic("input", "x");
        string sums = graph.Node("MatMulInteger", "sums", [
            x.Raw, graph.Raw("weights", [3, 9, 5, 1, 7, 8], 8, false, 3, 2), x.ZeroPoint,
            graph.Raw("zero", [4], 8, false),
        ]);
        string scale = graph.Node("Mul", "scale", [x.Scale, graph.Reals("step", [0.5f])]);
        graph.Node("Mul", "logits", [
            graph.Node("Cast", "real", [sums], QdqGraph.I("to", 1)), scale]);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("net.onnx"), graph.Build("net", [3], "logits", 2));

        // 64, 128 and 255 steps of 1/255, times weights less 4.
        float step = 1f / 255 * 0.5f;
        float[] logits =
        [
            (-64 + 128 + (3 * 255)) * step, ((64 * 5) - (3 * 128) + (4 * 255)) * step,
        ];
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file,
            [
                ("x", NpyArray.Of([0.251f, 0.502f, 1], 1, 3)), ("y", NpyArray.Of(logits, 1, 2)),
                ("sums", NpyArray.Of(logits, 1, 2)),
            ]);

        Finished run = Qsim.Run(
            "inspect", folder.File("net.onnx"), "--golden", folder.File("g.npz"), "--profile",
            "onnxruntime-qlinear", "--tolerance", "0");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("all within 0 (--tolerance)", run.Out);
        Assert.Contains("on hardware, of which logits are compared: sums", run.Out);
    }

    /// <summary>
    /// No extent says that it is the channels, but one way alone fits what the network takes, and
    /// its layers.
    /// </summary>
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    public void Golden_FeaturesOfManyChannels_LieAsTheNetworkTakesThem(bool isLast, int exitCode)
    {
        var graph = new QdqGraph();
        string positive = graph.Node("Relu", "positive", ["input"]);
        graph.Node("Flatten", "logits", [graph.Node("GlobalAveragePool", "mean", [positive])]);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(
            folder.File("net.onnx"), graph.Build("net", [8, 4, 16], "logits", 8));
        var random = new Random(1);
        float[] x = [.. Enumerable.Range(0, 2 * 8 * 64).Select(_ => random.NextSingle())];
        float[] y = [.. x.Chunk(64).Select(channel => channel.Average())];
        float[] tap = [.. x];
        tap[3] += exitCode;
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file,
            [
                ("x", Laid(x)), ("y", NpyArray.Of(y, 2, 8)), ("positive", Laid(tap)),
                ("/mean_output_0", NpyArray.Of(y, 2, 8, 1, 1)),
            ]);

        Finished run = Qsim.Run("inspect", folder.File("net.onnx"), "--golden",
            folder.File("g.npz"));

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
        Assert.Contains(
            exitCode == 0 ? "all within 0.0001" : "the first above 0.0001 is 'positive'", run.Out);
        Assert.Matches("(?m)^float +mean .*within$", run.Out);

        NpyArray Laid(float[] values) => isLast
            ? NpyArray.Of(
                [
                    .. from image in values.Chunk(8 * 64)
                       from place in Enumerable.Range(0, 64)
                       from channel in Enumerable.Range(0, 8)
                       select image[(channel * 64) + place],
                ], 2, 4, 16, 8)
            : NpyArray.Of(values, 2, 8, 4, 16);
    }

    [Fact]
    public void Golden_AnotherLogit_IsFoundWithTheFirstLayerThatDiffers()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyDictionary<string, NpyArray> arrays = NpzFile.Read(
            File.ReadAllBytes(Path.Combine(Golden, "lenet.npz")));
        NpyArray y = arrays["y"];
        float[] logits = [.. y.ToReals().Select(v => (float)v)];
        logits[7] += 0.5f;
        int images = y.Shape[0];
        string network = Path.Combine(Golden, "lenet.yaml");
        int[] shape = [images, .. JsonDocument.Parse(
            Qsim.Run("inspect", network, "--json", "--profile", "int8-wide").Out).RootElement
            .GetProperty("layers")[0].GetProperty("output").GetString()!.Split('x')
            .Select(int.Parse)];
        float[] zeros = new float[shape.Aggregate((a, b) => a * b)];
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file,
            [
                ("x", arrays["x"]), ("y", NpyArray.Of(logits, [.. y.Shape])),
                ("conv1", NpyArray.Of(zeros, shape)),
                ("nothing", NpyArray.Of(new float[1], 1)),
            ]);

        Finished run = Qsim.Run("inspect", network, "--golden", folder.File("g.npz"));

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"(?m)^float +logits +0\.(5|49999)\d* +1 .*above$", run.Out);
        Assert.Contains("the first above 0.0001 is 'conv1'", run.Out);
        Assert.Contains("no layer is called that: nothing", run.Out);
    }

    [Theory]
    [InlineData("--shape 1x12 (supported: channels, rows and columns", "--shape", "1x12")]
    [InlineData("--tolerance -1 (supported: 0 or more)", "--tolerance", "-1")]
    [InlineData("gone.npz: there is no such file", "--golden", "gone.npz")]
    [InlineData(
        "profile from-model: network 'lenet' is not quantized, so it implies no arithmetic",
        "--profile", "from-model")]
    [InlineData("unknown dataset 'digit'; did you mean 'digits'", "--data", "digit")]
    [InlineData("takes 1x12x12 images, but those of the data are 3x4x4", "--shape", "3x4x4")]
    public void Inspect_WrongOption_IsOneLineAndExitCode2(
        string expected, string option, string value)
    {
        Finished run = Qsim.Run("inspect", Path.Combine(Golden, "lenet.yaml"), option, value);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
    }

    /// <summary>What is no number is neither an image nor near any logit.</summary>
    [Theory]
    [InlineData("x", "g.npz: x: value 3 is NaN (supported: finite numbers)")]
    [InlineData("y", "g.npz: y: value 3 is NaN (supported: finite numbers)")]
    public void Golden_WhatIsNoNumber_IsRefused(string array, string expected)
    {
        using var folder = new TemporaryFolder();
        var arrays = NpzFile.Read(File.ReadAllBytes(Path.Combine(Golden, "lenet.npz")));
        float[] values = [.. arrays[array].ToReals().Select(v => (float)v)];
        values[3] = float.NaN;
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file, arrays.Select(a => (
                a.Key,
                a.Key == array ? NpyArray.Of(values, [.. a.Value.Shape]) : a.Value)));

        Finished run = Qsim.Run(
            "inspect", Path.Combine(Golden, "lenet.yaml"), "--golden", folder.File("g.npz"));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')));
    }

    /// <summary>Raw integers are not what a network takes, and words are nothing at all.</summary>
    [Theory]
    [InlineData("x", false, "x: elements of type '<i4' (supported: floats, or uint8")]
    [InlineData("x", true, "x: elements of type '<U")]
    [InlineData("y", true, "y: elements of type '<U")]
    [InlineData("conv1", true, "conv1: elements of type '<U")]
    public void Golden_OtherElements_AreRefused(string array, bool areWords, string expected)
    {
        using var folder = new TemporaryFolder();
        var arrays = new Dictionary<string, NpyArray>(
            NpzFile.Read(File.ReadAllBytes(Path.Combine(Golden, "lenet.npz"))));
        int[] shape = arrays.TryGetValue(array, out NpyArray? known) ? [.. known.Shape] : [3];
        int length = shape.Aggregate((a, b) => a * b);
        arrays[array] = areWords
            ? NpyArray.Of("<U1", [.. shape], new byte[4 * length])
            : NpyArray.Of(new long[length], shape);
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file, arrays.Select(a => (a.Key, a.Value)));

        Finished run = Qsim.Run(
            "inspect", Path.Combine(Golden, "lenet.yaml"), "--golden", folder.File("g.npz"));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')));
    }

    /// <summary>Where neither the network nor an extent says it, an option that is taken does.
    /// </summary>
    [Theory]
    [InlineData("3,5,3", "either the second or the last dimension may be the channels (--shape")]
    [InlineData("8,5,8", "has no dimension of 1 to 4 channels")]
    public void Golden_ChannelsAnywhere_NamesTheShape(string extents, string expected)
    {
        using var folder = new TemporaryFolder();
        int[] shape = [2, .. extents.Split(',').Select(int.Parse)];
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file,
            [
                ("x", NpyArray.Of(new float[shape.Aggregate((a, b) => a * b)], shape)),
                ("y", NpyArray.Of(new float[10], 2, 5)),
            ]);

        Finished run = Qsim.Run(
            "inspect", Path.Combine(Golden, "lenet.yaml"), "--golden", folder.File("g.npz"));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')));
        Assert.Contains("--shape CxRxC says", run.Error);
    }

    [Fact]
    public void Golden_WithoutImages_SaysWhatIsNeeded()
    {
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder.File("g.npz")))
            NpzFile.Write(file, [("z", NpyArray.Of(new float[1], 1))]);

        Finished run = Qsim.Run(
            "inspect", Path.Combine(Golden, "lenet.yaml"), "--golden", folder.File("g.npz"));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains("g.npz: has no array 'x' (found: z; needed: x or images", run.Error);
    }
}
