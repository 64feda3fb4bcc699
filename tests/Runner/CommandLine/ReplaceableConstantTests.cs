using Google.Protobuf;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Constants that the graph lists among its inputs, which ONNX Runtime lets a caller replace since
/// version 4 of the format.
/// </summary>
public class ReplaceableConstantTests
{
    private const string Said = "warning: net.onnx: 6 of its constants are inputs of the graph, "
        + "too (as 'image/scale'): ONNX Runtime lets a caller replace them";

    [Theory]
    [InlineData(4, "onnxruntime-qlinear", true)]
    [InlineData(8, "from-model", true)]
    [InlineData(8, "", true)]
    [InlineData(8, "int8-wide", false)]
    [InlineData(3, "onnxruntime-qlinear", false)]
    [InlineData(0, "onnxruntime-qlinear", false)]
    public void Inspect_SaysWhereOnnxRuntimeOptimizesLess(int version, string profile, bool says)
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("net.onnx"), version);

        Finished run = Qsim.RunIn(
            folder.Path,
            [
                "inspect", "net.onnx",
                .. (string[])(profile.Length > 0 ? ["--profile", profile] : []),
            ]);

        Assert.Equal(0, run.ExitCode);
        if (says) Assert.StartsWith(Said, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        else Assert.Empty(run.Error);
    }

    [Fact]
    public void Inspect_ConstantsThatAreNoInputs_SaysNothing()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("net.onnx"), 8, isListed: false);

        Assert.Empty(Qsim.RunIn(folder.Path, "inspect", "net.onnx").Error);
    }

    [Theory]
    [InlineData("onnxruntime-qlinear", true)]
    [InlineData("int8-wide", false)]
    public void Export_SaysItToo(string profile, bool says)
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("net.onnx"), 8);

        Finished run = Qsim.RunIn(
            folder.Path, "export", "net.onnx", "--profile", profile, "--out", "out.onnx");

        Assert.Equal((0, says), (run.ExitCode, run.Error.Contains(Said)));
    }

    [Theory]
    [InlineData("onnxruntime-qlinear", true)]
    [InlineData("int8-wide", false)]
    public void Run_SaysItToo(string profile, bool says)
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("net.onnx"), 8);
        using (FileStream file = File.Create(folder.File("d.npz")))
            NpzFile.Write(file,
            [
                ("x_test", NpyArray.Of([.. Enumerable.Repeat(1f, 4 * 64)], 4, 8, 8)),
                ("y_test", NpyArray.Of([1L, 1, 1, 1], 4)),
            ]);

        Finished run = Qsim.RunIn(
            folder.Path, "run", "--network", "net.onnx", "--data", "d.npz", "--profile", profile,
            "--attacks", "fgsm", "--epsilons", "0", "--images", "4", "--out", "r");

        Assert.Equal((0, says), (run.ExitCode, run.Error.Contains(Said)));
    }

    /// <summary>64 pixels times a matrix of 8-bit weights.</summary>
    private static void Write(string path, int version, bool isListed = true)
    {
        var graph = new QdqGraph();
        TensorType pixels = new(new TensorShape(64, 1, 1), 8, false, 0);
        string x = graph.Quantized("input", "image", pixels, 1.0 / 255);
        string weights = graph.Dequantized(
            "weights",
            graph.Raw(
                "weights/raw",
                [.. Enumerable.Range(0, 128).Select(i => i % 2 == 0 ? 16L : 32)], 8, true, 64, 2),
            [1f / 127]);
        string y = graph.Quantized(
            graph.Node("MatMul", "sums", [x, weights]), "logits", pixels, 0.1);
        ModelProto model = ModelProto.Parser.ParseFrom(graph.Build("net", [64], y, 2));
        model.IrVersion = version;
        if (isListed)
            foreach (TensorProto constant in model.Graph.Initializer)
                model.Graph.Input.Add(new ValueInfoProto
                {
                    Name = constant.Name,
                    Type = new()
                    {
                        TensorType = new() { ElemType = (int)constant.DataType, Shape = new() },
                    },
                });
        File.WriteAllBytes(path, model.ToByteArray());
    }
}
