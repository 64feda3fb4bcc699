using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using Xunit.Abstractions;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>
/// Trained networks of a folder, as bench/Networks/train.py leaves them, against ONNX Runtime.
/// QSIM_FORMS names the folder.
/// </summary>
public class TrainedFormTests(ITestOutputHelper output)
{
    private const int Images = 200;

    [SkippableFact]
    public void Load_TrainedNetworks_ComputesWhatOnnxRuntimeDoes()
    {
        string? folder = Environment.GetEnvironmentVariable("QSIM_FORMS");
        Skip.If(folder is null, "QSIM_FORMS names no folder of trained networks");
        foreach (string file in Directory.GetFiles(folder, "*.onnx").Order())
        {
            FloatNetwork network = NetworkFile.Load(file, null).Network;
            TensorShape shape = network.Input;
            var random = new Random(1);
            float[] images = [.. Enumerable.Range(0, Images * shape.Length)
                .Select(_ => random.Next(17) / 16f)];
            using var ort = new OrtModel(File.ReadAllBytes(file));

            float[] wanted = ort.Run(
                images, Images, shape.Channels, shape.Rows, shape.Columns);
            float[] found = [.. Enumerable.Range(0, Images).SelectMany(i => FloatForward.Run(
                network, images.AsSpan(i * shape.Length, shape.Length))[^1])];

            double apart = found.Zip(wanted).Max(p => Math.Abs(p.First - p.Second))
                / (double)wanted.Max(Math.Abs);
            output.WriteLine($"{Path.GetFileName(file)}: {apart:e1} of the largest logit apart");
            Assert.InRange(apart, 0, 1e-5);
        }
    }
}
