using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files.Onnx;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim export</c> through the real executable.</summary>
public class ExportTests
{
    private static readonly string Quantized = Path.Combine(
        Shared.Repository, "docs", "integer-network", "net.yaml");

    [Theory]
    [InlineData("net.yaml", "read back, the same program on tflite-int8")]
    [InlineData("net.onnx", "integers, scales and zero points of tflite-int8")]
    [InlineData("net.npz", "layers of digits-cnn on tflite-int8")]
    public void Export_ReadyMadeIntegers_InEveryFormat(string name, string expected)
    {
        using var folder = new TemporaryFolder();

        Finished run = Qsim.Run(
            "export", Quantized, "--profile", "tflite-int8", "--out", folder.File(name));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Out);
        Assert.True(new FileInfo(folder.File(name)).Length > 100);
    }

    /// <summary>
    /// What becomes of pixels in the file is said: all 256 bytes are tried. The graph that ONNX
    /// Runtime would run needs no word.
    /// </summary>
    [Theory]
    [InlineData("int8-wide", "all 256 bytes over 255 become the hardware's raw values")]
    [InlineData(
        "int4", "pixels: 3 of 256 bytes over 255 become other raw values in the file, since "
            + "QuantizeLinear divides in float32 and rounds ties to even: the first, 56, is 4 in "
            + "hardware and 3 there")]
    public void Export_Onnx_SaysWhichPixelsBecomeOtherRawValues(string profile, string expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("net.onnx"), lenet = Path.Combine(
            Shared.Repository, "tests", "Simulator", "Networks", "Files", "Golden", "lenet.yaml");
        using (FileStream images = File.Create(folder.File("d.npz")))
            NpzFile.Write(images,
            [
                ("x_train", Images()), ("y_train", NpyArray.Of([0L, 1, 2, 3], 4)),
                ("x_test", Images()), ("y_test", NpyArray.Of([0L, 1, 2, 3], 4)),
            ]);

        Finished run = Qsim.Run(
            "export", lenet, "--profile", profile, "--data", folder.File("d.npz"), "--out", file);
        Finished more = Qsim.Run(
            "export", lenet, "--profile", profile, "--data", folder.File("d.npz"), "--out",
            folder.File("n.onnx"), "--calibration-images", "5");

        Assert.Equal(2, more.ExitCode);
        Assert.Contains("calibration images 5: there are 4 training images", more.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Equal(profile == "int8-wide", run.Error.Contains("they are beyond 64"));
        Assert.DoesNotContain("pixels:", Qsim.Run(
            "export", file, "--profile", "onnxruntime-qlinear", "--out",
            folder.File("again.onnx")).Error);

        static NpyArray Images() => NpyArray.Of(
            [.. Enumerable.Range(0, 4 * 144).Select(i => i % 256 / 255f)], 4, 12, 12);
    }

    /// <summary>What is exported runs, and its clean accuracy is that of what it is from.</summary>
    [Fact]
    public void Export_Digits_RunsAsItDidBefore()
    {
        using var folder = new TemporaryFolder();
        Finished run = Qsim.Run(
            "export", Quantized, "--profile", "tflite-int8", "--out", folder.File("again.yaml"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Finished first = Inspect(Quantized), second = Inspect(folder.File("again.yaml"));

        Assert.Equal(first.Out.Split('\n')[^2], second.Out.Split('\n')[^2]);
        Assert.Equal(
            NpzFile.Read(File.ReadAllBytes(Path.ChangeExtension(Quantized, "npz")))["dense1.weight"]
                .ToIntegers(),
            NpzFile.Read(File.ReadAllBytes(folder.File("again.npz")))["dense1.weight"]
                .ToIntegers());
    }

    [Theory]
    [InlineData("--out net.txt", "the ending says the format (supported: .yaml, .onnx, .npz)")]
    [InlineData("--out net.yaml", "net.yaml:6:8: input: signed: true")]
    public void Export_WhatCannotBe_IsRefused(string arguments, string expected)
    {
        using var folder = new TemporaryFolder();

        Finished run = Qsim.Run([
            "export", Quantized, "--profile", "int8-wide",
            .. arguments.Replace("net.", folder.File("net.")).Split(' '),
        ]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    /// <summary>
    /// Weights that are unsigned bytes with a zero point have 9 bits without it. What would be
    /// wrong with the file is said, not where in a file that nobody has.
    /// </summary>
    [Fact]
    public void Export_WeightsOfNineBits_SaysWhatTheFileWouldBeRefusedFor()
    {
        var graph = new QdqGraph();
        TensorType bytes = new(new(2), 8, false, 1);
        string weight = graph.Node("DequantizeLinear", "weight", [
            graph.Raw("weight/raw", [0, 255, 7, 8], 8, false, 2, 2),
            graph.Reals("weight/scale", [0.5f]), graph.Raw("weight/zero", [128], 8, false),
        ]);
        graph.Quantized(
            graph.Node("MatMul", "sums", [
                graph.Quantized("input", "x", bytes, 1 / 255.0), weight]),
            "logits", bytes, 1);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("net.onnx"), graph.Build("net", [2], "logits", 2));

        Finished run = Qsim.Run(
            "export", folder.File("net.onnx"), "--profile", "onnxruntime-qlinear", "--out",
            folder.File("net.yaml"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("net.yaml: ready-made integers: layers[0]", run.Error);
        Assert.Contains("weight_bits: 9, and weights of 'onnxruntime-qlinear' have 8", run.Error);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    /// <summary>A data set beside the network may have the name that its arrays get.</summary>
    [Theory]
    [InlineData("mine.yaml", "mine.npz")]
    [InlineData("mine.onnx", "mine.onnx")]
    public void Export_FilesThatAreThere_StayUntilOverwriteIsAskedFor(string name, string there)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(there), "mine");
        string[] command =
            ["export", Quantized, "--profile", "tflite-int8", "--out", folder.File(name)];

        Finished run = Qsim.Run(command);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{there}: is there already", run.Error);
        Assert.Equal("mine", File.ReadAllText(folder.File(there)));
        Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Equal(0, Qsim.Run([.. command, "--overwrite"]).ExitCode);
        Assert.NotEqual("mine", File.ReadAllText(folder.File(there)));
    }

    [SkippableFact]
    public void Export_SecondOfTwoFilesCannotBeWritten_LeavesNeither()
    {
        Skip.IfNot(File.Exists("/dev/full"), "there is no /dev/full");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.File("full.yaml"), "/dev/full");

        Finished run = Qsim.Run(
            "export", Quantized, "--profile", "tflite-int8", "--out", folder.File("full.yaml"));

        Assert.Equal(2, run.ExitCode);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Export_FloatWithoutImages_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string lenet = Path.Combine(
            Shared.Repository, "tests", "Simulator", "Networks", "Files", "Golden", "lenet.yaml");

        Finished run = Qsim.Run(
            "export", lenet, "--profile", "int8-wide", "--out", folder.File("n.onnx"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("is not quantized, and --data is missing", run.Error);
    }

    private static Finished Inspect(string network) =>
        Qsim.Run("inspect", network, "--profile", "tflite-int8");
}
