using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Networks.Files.Oracle;
using Xunit.Abstractions;

namespace QSim.Simulator.Tests.Networks.Files.Exported;

/// <summary>
/// Networks that PyTorch exports here (export.py), against PyTorch and ONNX Runtime.
/// </summary>
public class ExportedNetworkTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-5;

    [SkippableTheory]
    [InlineData("resnet18")]
    [InlineData("mobilenet-v2")]
    [InlineData("mobilenet-v3")]
    [InlineData("unet")]
    [InlineData("keywords")]
    [InlineData("vit")]
    [InlineData("vit-token")]
    [InlineData("unet-bilinear")]
    public void Load_WhatPyTorchExports_ComputesTheSameAndQuantizesForEveryProfile(string name)
    {
        using var folder = new Export("export.py", name);
        FloatNetwork network = NetworkFile.Load(folder.File("onnx"), null).Network;
        float[] images = folder.Floats("x"), torch = folder.Floats("y");
        int length = network.Input.Length, count = images.Length / length;
        float[] found = [.. Enumerable.Range(0, count).SelectMany(i => FloatForward.Run(
            network, images.AsSpan(i * length, length))[^1])];
        float[] ort;
        using (var session = new OrtModel(File.ReadAllBytes(folder.File("onnx"))))
            ort = session.Run(images, [count, .. Extents(network.Input)]);

        (double fromTorch, double fromOrt) = (Apart(found, torch), Apart(found, ort));

        var scales = CalibrationSet.Collect(network, images);
        string[] refused = [.. ShippedProfiles.Names.Select(p => WhyNot(p, network, scales))
            .OfType<string>()];
        output.WriteLine(
            $"{name}: {network.ParameterCount} parameters, {fromTorch:e1} from PyTorch, "
                + $"{fromOrt:e1} from ONNX Runtime, PyTorch and it {Apart(torch, ort):e1} apart");
        Assert.InRange(fromOrt, 0, Tolerance);
        Assert.InRange(fromTorch, 0, Tolerance);
        if (name == "mobilenet-v3")
            Assert.Contains(
                "dsp48-18x27: layer 'body/body.0/body.0.2/HardSwish': activation_functions: a "
                    + "27-bit input needs a table",
                Assert.Single(refused));
        else if (name.StartsWith("vit", StringComparison.Ordinal))
        {
            Assert.Contains(
                "dsp48-18x27: layer 'body/body.0/norm/Div': activation_functions: a 27-bit input",
                Assert.Single(refused));
            RunsAlike(network, scales, images.AsSpan(0, length));
        }
        else Assert.Empty(refused);
    }

    /// <summary>Every layer's integers are the reference's on the SIMD backend, too.</summary>
    private static void RunsAlike(
        FloatNetwork network, CalibrationSet scales, ReadOnlySpan<float> image)
    {
        QuantizedProgram program = Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read("int8-wide")), scales);
        using var simd = new Simulation(program, BackendList.Find("simd")!);
        using var reference = new Simulation(program, BackendList.Find("reference")!);
        long[] logits = [.. reference.Run(image, RunOptions.Default).Outputs];
        Assert.Equal(logits, simd.Run(image, RunOptions.Default).Outputs);
        Assert.True(logits.Distinct().Count() > 2, string.Join(' ', logits));
    }

    private static string? WhyNot(string profile, FloatNetwork network, CalibrationSet scales)
    {
        try
        {
            Quantizer.Quantize(
                network, DatapathCompiler.Compile(ProfileReader.Read(profile)), scales);
            return null;
        }
        catch (QuantizationException e)
        {
            return e.Message;
        }
    }

    /// <summary>The largest difference, as a share of the largest value.</summary>
    private static double Apart(float[] found, float[] wanted)
    {
        Assert.Equal(wanted.Length, found.Length);
        return found.Zip(wanted).Max(p => Math.Abs(p.First - p.Second))
            / (double)wanted.Max(Math.Abs);
    }

    private static int[] Extents(TensorShape shape) => shape.Rows == 1
        ? [shape.Channels, shape.Columns]
        : [shape.Channels, shape.Rows, shape.Columns];
}
