using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Networks.Files.Integers;

/// <summary>Networks of ready-made integers, against sums by hand.</summary>
public class IntegerNetworkTests
{
    private const string Pixels = "input: {shape: [3, 1, 1], bits: 8, signed: false, levels: 1, "
        + "scale: 0.00392156862745098}\n";

    private const string Head = "schema: qsim/integer-network/1\nweights: w.npz\n";

    /// <summary>Bytes 10, 20, 30 with weights 1, 2, 3 and 10, then -4, 5, -6 and -20.</summary>
    private static readonly float[] Image = [10 / 255f, 20 / 255f, 30 / 255f];

    private static readonly (string Name, NpyArray Array)[] Arrays =
    [
        ("fc.weight", NpyArray.Of([1, 2, 3, -4, 5, -6], 2, 3)),
        ("fc.bias", NpyArray.Of([10, -20], 2)),
        ("fc.shift", NpyArray.Of([1])),
        ("fc.multiplier", NpyArray.Of([1 << 30, 3 << 28], 2)),
        ("m.weight", NpyArray.Of([1, 2, 3, -4, 5, -6], 2, 3)),
        ("m.bias", NpyArray.Of([10, -20], 2)),
        ("m.shift", NpyArray.Of([31, 31], 2)),
        ("m.multiplier", NpyArray.Of([1 << 30, 3 << 28], 2)),
        ("r.weight", NpyArray.Of([1, 2, 3, -4, 5, -6], 2, 3)),
        ("r.bias", NpyArray.Of([10, -20], 2)),
        ("r.real_scale", NpyArray.Of(new[] { 0.25f, 0.5f }, 2)),
        ("big.weight", NpyArray.Of([200, 0, 0], 1, 3)),
        ("big.shift", NpyArray.Of([0])),
        ("far.weight", NpyArray.Of([1, 1, 1], 1, 3)),
        ("far.bias", NpyArray.Of([1 << 20], 1)),
        ("far.shift", NpyArray.Of([0])),
        ("half.weight", NpyArray.Of(new[] { 1f, 2, 3 }, 1, 3)),
        ("long.weight", NpyArray.Of([1, 2, 3], 1, 3)),
        ("long.shift", NpyArray.Of([0, 1], 2)),
    ];

    /// <summary>150 and -140, half of them, in the arithmetic that each profile has.</summary>
    [Theory]
    [InlineData("int8-wide", "fc, requantize: shift, output: {bits: 16, scale: 0.5}", 75, -70)]
    [InlineData(
        "int8-wide", "fc, requantize: shift, clamp: [0, 60], output: {bits: 16, scale: 0.5}", 60,
        0)]
    [InlineData("int8-wide", "fc, requantize: none, output: {bits: 32, scale: 1}", 150, -140)]
    [InlineData(
        "onnxruntime-qlinear",
        "r, requantize: real, output: {bits: 8, signed: false, scale: 1, zero_point: 100}",
        138, 30)]
    public void Run_ByHand_IsWhatTheIntegersSay(
        string profile, string layer, long first, long second) => Assert.Equal(
            [first, second],
            Run(profile, Head + Pixels + $"layers:\n  - {{type: dense, name: {layer}}}\n"));

    /// <summary>
    /// Inputs are bytes less 128. With the zero point in the biases, 128 times the sums of the
    /// weights, 6 and -5, are in them already.
    /// </summary>
    [Theory]
    [InlineData("false", 75 + 3, -52 + 3)]
    [InlineData("true", 3 + ((150 - (128 * 6)) / 2), 127)]
    public void Run_ZeroPoint_IsTakenOffOnce(string isIn, long first, long second) => Assert.Equal(
        [Math.Max(first, -128), second],
        Run("tflite-int8", Head + $$$"""
            input: {shape: [3, 1, 1], bits: 8, scale: 0.00392156862745098, zero_point: -128}
            layers:
              - {type: dense, name: m, requantize: multiplier, zero_point_in_bias: {{{isIn}}},
                 output: {bits: 8, scale: 1, zero_point: 3}}

            """));

    [Fact]
    public void Load_Scales_AreWhatIntegersStandFor()
    {
        FloatNetwork network = Load(Head + Pixels + """
            layers:
              - {type: dense, name: fc, requantize: shift, output: {bits: 16, scale: 0.5}}
            """);

        // Half a sum is an output step of 0.5, so that the sums are steps of 0.25.
        float[] output = FloatForward.Run(network, Image)[^1];
        Assert.Equal([37.5f, -35f], output);
        Assert.True(network.IsQuantized);
    }

    [Theory]
    [InlineData(
        "net.yaml:5:56: layers[0].output: bits: 20, where 'int8-wide' has 16",
        "fc, requantize: shift, output: {bits: 20, scale: 1}")]
    [InlineData(
        "net.yaml:5:40: layers[0].requantize: it has multipliers, where the profile's "
            + "requantize.kind is shift",
        "m, requantize: multiplier, output: {bits: 8, scale: 1}")]
    [InlineData(
        "layers[0].output: zero_point: 3, and 'int8-wide' has none (affine: false)",
        "fc, requantize: shift, output: {bits: 8, scale: 1, zero_point: 3}")]
    [InlineData(
        "layers[0].requantize: weight_bits: 12, and weights of 'int8-wide' have 8",
        "fc, weight_bits: 12, requantize: shift, output: {bits: 8, scale: 1}")]
    [InlineData(
        "layers[0].output.bits: 33 is more than 32", "fc, requantize: none, output: {bits: 33}")]
    [InlineData(
        "net.yaml:5:5: layers[0]: 'big.weight' holds 200 (supported: -128..127; weight_bits",
        "big, requantize: shift, output: {bits: 8, scale: 1}")]
    [InlineData(
        "w.npz: has no array 'r.shift'",
        "r, requantize: multiplier, output: {bits: 8, scale: 1}")]
    [InlineData(
        "layers[0]: 'long.shift' has 2 values for 1 channels",
        "long, requantize: shift, output: {bits: 8, scale: 1}")]
    [InlineData(
        "'half.weight' holds elements of type '<f4' (supported: integers of 8 to 64 bits)",
        "half, requantize: shift, output: {bits: 8, scale: 1}")]
    [InlineData(
        "layers[0]: it needs requantize (supported: shift, multiplier, real, none",
        "fc, output: {bits: 8, scale: 1}")]
    [InlineData("layers[0]: it needs an output format", "fc, requantize: shift")]
    [InlineData(
        "layers[0].output: it needs one of scale and fraction_bits",
        "fc, requantize: shift, output: {bits: 8}")]
    [InlineData(
        "layers[0].output: it needs one of scale and fraction_bits",
        "fc, requantize: shift, output: {bits: 8, scale: 1, fraction_bits: 0}")]
    [InlineData(
        "layers[0].clamp: it needs the least and the largest raw output",
        "fc, requantize: shift, clamp: [7, 3], output: {bits: 8, scale: 1}")]
    [InlineData(
        "layers[0].clamp: nothing of -128..127 is within it",
        "fc, requantize: shift, clamp: [200, 300], output: {bits: 8, scale: 1}")]
    [InlineData(
        "layers[1].inputs: 2 inputs (supported: 1)",
        "fc, requantize: shift, output: {bits: 8, scale: 1}}\n"
            + "  - {type: relu, inputs: [input, fc]")]
    [InlineData(
        "layers[1]: parameters: 0 numbers (supported: 1)",
        "fc, requantize: shift, output: {bits: 8, scale: 1}}\n"
            + "  - {type: leaky_relu, output: {bits: 8, scale: 1}")]
    [InlineData(
        "layers[0].output.zero_point: 300 is outside of -128..127",
        "fc, requantize: shift, output: {bits: 8, scale: 1, zero_point: 300}")]
    [InlineData(
        "layers[0].output: signed: false, where 'int8-wide' has 16 bits with the sign",
        "fc, requantize: shift, output: {bits: 16, signed: false, scale: 1}")]
    [InlineData(
        "layers[0].output.unit: signs are -1 and 1 (supported: bits: 2, signed: true",
        "fc, requantize: none, output: {bits: 8, scale: 1, unit: sign}")]
    [InlineData(
        "layers[0].requantize: shift beside output.unit (supported: none",
        "fc, requantize: shift, output: {bits: 2, scale: 1, unit: sign}")]
    [InlineData(
        "layers[1].output.unit: of sigmoid (supported: of conv2d, dense, requantize)",
        "fc, requantize: shift, output: {bits: 8, scale: 1}}\n"
            + "  - {type: sigmoid, output: {bits: 2, scale: 1, unit: sign}")]
    public void Run_WhatDoesNotFit_IsRefusedWithItsPlace(string expected, string layer) =>
        Assert.Contains(
            expected,
            Assert.Throws<InputException>(() => Run(
                "int8-wide",
                Head + Pixels + $"layers:\n  - {{type: dense, name: {layer}}}\n")).Message
                    .Replace(_folder, ""));

    [Fact]
    public void Run_BiasOutsideOfTheAccumulator_IsRefused() => Assert.Contains(
        "net.yaml:5:42: layers[0].requantize: the bias of channel 0, 1048576, does not fit the "
            + "accumulator's -65536..65535",
        Assert.Throws<InputException>(() => Run("int8-acc-sat", Head + Pixels + """
            layers:
              - {type: dense, name: far, requantize: shift, output: {bits: 8, scale: 1}}
            """)).Message.Replace(_folder, ""));

    [Theory]
    [InlineData("input: {shape: [3, 1, 1], bits: 8, scale: 1, black: 3}", "without levels")]
    [InlineData("input: {shape: [3, 1, 1], bits: 8, scale: 1, pixel_scale: [1]}", "per channel")]
    [InlineData(
        "input: {shape: [3, 1, 1], bits: 8, scale: 1, levels: 1, quotient: float32}",
        "it has no effect with levels")]
    [InlineData("input: {shape: [3, 1], bits: 8, scale: 1}", "channels, rows, columns")]
    [InlineData("input: {shape: [3, 1, 1], bits: 8, scale: 1e-44}", "not a float32 number")]
    public void Load_InputThatMakesNoSense_IsRefused(string input, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<InputException>(() => Load(Head + input + """

                layers:
                  - {type: dense, name: fc, requantize: shift, output: {bits: 8, scale: 1}}
                """)).Message);

    [Fact]
    public void Quantize_NormalizedBytes_AreRefused()
    {
        FloatNetwork network = PixelAffine.Before(
            Load(Head + Pixels + """
                layers:
                  - {type: dense, name: fc, requantize: shift, output: {bits: 8, scale: 1}}
                """), "pixels", [2, 2, 2], [0, 0, 0]);

        Assert.Contains(
            "levels takes bytes as they are",
            Assert.Throws<InputException>(() => Program("int8-wide", network)).Message);
    }

    private static string _folder = "";

    private static long[] Run(string profile, string yaml)
    {
        using var simulation = new Simulation(
            Program(profile, Load(yaml)), BackendList.Find("reference")!);
        return simulation.Run(Image, RunOptions.Default).Outputs;
    }

    private static QuantizedProgram Program(string profile, FloatNetwork network) =>
        Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile)), Image);

    private static FloatNetwork Load(string yaml)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-test-");
        try
        {
            string path = Path.Combine(folder.FullName, "net.yaml");
            _folder = folder.FullName + Path.DirectorySeparatorChar;
            File.WriteAllText(path, yaml);
            using (FileStream file = File.Create(Path.Combine(folder.FullName, "w.npz")))
                NpzFile.Write(file, Arrays);
            return NetworkFile.Load(path, null).Network;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
