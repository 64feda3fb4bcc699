using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// Convolutions of 16-bit activations with the outputs that TensorFlow Lite Micro has for them:
/// QSIM_TFLM names its folder tensorflow/lite/micro/integration_tests/seanet/conv.
/// </summary>
public class TflmGoldenTests
{
    [SkippableFact]
    public void Run_Convolutions16x8_GiveTflmOutputs()
    {
        string? folder = Environment.GetEnvironmentVariable("QSIM_TFLM");
        Skip.If(folder is null, "QSIM_TFLM names no folder of TensorFlow Lite Micro's models");
        string[] files = Directory.GetFiles(folder!, "conv*.tflite");
        Assert.NotEmpty(files);
        Assert.All(files, Equal);
    }

    private static void Equal(string file)
    {
        FloatNetwork network = NetworkFile.Load(file, null).Network;
        QuantizedProgram program = TfliteHardware.Program(network, "cmsis-nn-16x8");
        TensorShape x = network.Input, y = program.Output.Shape;
        long[] input = Numbers(file, "input0"), golden = Numbers(file, "golden");
        long[] raw = [.. Enumerable.Range(0, x.Length).Select(i =>
            input[(i % x.Positions * x.Channels) + (i / x.Positions)])];

        long[] outputs = TfliteHardware.Run(program, raw);

        Assert.Equal(
            golden,
            Enumerable.Range(0, y.Length).Select(i =>
                outputs[(i % y.Channels * y.Positions) + (i / y.Channels)]));
    }

    private static long[] Numbers(string file, string which) =>
    [
        .. File.ReadAllText(file.Replace(".tflite", $"_{which}_int16.csv"))
            .Split([',', '\n', '\r', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(n => long.Parse(n, CultureInfo.InvariantCulture)),
    ];
}
