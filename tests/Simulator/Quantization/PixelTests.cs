using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

/// <summary>
/// How images get in: bytes stay bytes, and mean what the network was trained on.
/// </summary>
public class PixelTests
{
    private static readonly float[] Levels =
        [.. Enumerable.Range(0, 256).Select(b => b / 255f)];

    [Theory]
    [InlineData("uint8", "b")]
    [InlineData("{bits: 8, signed: false, scale: real}", "b")]
    [InlineData("{bits: 8, signed: false, rounding: TRN, overflow: WRAP}", "b")]
    [InlineData("{bits: 8, signed: auto, rounding: TRN}", "b")]
    [InlineData("ap_ufixed<8,0>", "b")]
    [InlineData("{bits: 8, scale: real, affine: true}", "b - 128")]
    [InlineData("{bits: 8, signed: false, scale: real, affine: true}", "b")]
    [InlineData("uint4", "round(b / 16)")]
    [InlineData("{bits: 4, signed: false, rounding: TRN}", "b / 16")]
    [InlineData("{bits: 1, signed: false, rounding: TRN}", "b / 128")]
    [InlineData("uint16", "256 b")]
    [InlineData("{bits: 8, signed: true, rounding: TRN}", "b / 2")]
    [InlineData("ap_fixed<16,6>", "trunc(b / 255 * 1024)")]
    public void Bytes_BecomeTheRawValuesThatTheFormatSays(string input, string expected)
    {
        using Simulation simulation = Simulate(Dense(256), input);
        long[] raw = simulation.QuantizeInput(Levels);
        for (int b = 0; b < 256; b++)
        {
            long value = expected switch
            {
                "b" => b,
                "b - 128" => b - 128,
                "b / 2" => b / 2,
                "b / 16" => b / 16,
                "b / 128" => b / 128,
                "round(b / 16)" => Math.Min((long)Math.Round(b / 16.0), 15),
                "256 b" => 256 * b,
                _ => (long)Math.Floor((double)Levels[b] * 1024),
            };
            Assert.Equal(value, raw[b]);
            if (value == b) Assert.Equal(Levels[b], (float)simulation.Input.Pixel(raw[b], b));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void ShippedProfiles_KeepTheOrderOfBytes(int channel)
    {
        foreach (string name in ShippedProfiles.Names)
        {
            Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(name));
            FloatNetwork network = Dense(256 + channel);
            using var simulation = new Simulation(
                Quantizer.Quantize(network, datapath, Padded(channel)), new ReferenceBackend());
            long[] raw = simulation.QuantizeInput(Padded(channel));
            Assert.Equal(raw[..256].Order(), raw[..256]);
            bool has8 = datapath.Input.Bits >= 8 && datapath.Input.Pixels == PixelEncoding.Bytes
                && (datapath.Input.Signedness != Signedness.Signed || datapath.Input.Affine);
            if (has8) Assert.Equal(256, raw[..256].Distinct().Count());
        }
    }

    [Fact]
    public void PowerOfTwoInput_FirstWeightsMakeUpForTheHundredthPart()
    {
        FloatNetwork network = TinyNetworks.Convolutional();
        float[] images = Bytes(network.Input, 30);
        using Simulation simulation = Simulate(network, "uint8", images, weight: "int24");
        var first = (MacLayer)simulation.Program.Layers[0];
        var reference = (MacLayer)Program(network, "{bits: 8, signed: false, scale: real}", images)
            .Layers[0];
        Assert.Equal(Math.ScaleB(1, -8), simulation.Program.Input.Type.Scale);
        double step = network.Layers[0].Parameters[0][0] * (256 / 255.0) / first.Weights[0];
        for (int i = 0; i < first.Weights.Length; i++)
            Assert.Equal(
                network.Layers[0].Parameters[0][i] * (256 / 255.0), step * first.Weights[i], 1e-5);
        Assert.Equal(reference.Weights.Length, first.Weights.Length);
        TinyNetworks.AssertNear(network, simulation.Program, images, 1e-3);
    }

    [Theory]
    [InlineData("uint8", 0)]
    [InlineData("{bits: 8, signed: auto}", 0)]
    [InlineData("{bits: 8, scale: real, affine: true}", 1)]
    [InlineData("{bits: 16, signed: true}", 1)]
    [InlineData("ap_fixed<16,6>", 1)]
    [InlineData("{bits: 16, signed: false, pixels: real}", 2)]
    public void Normalisation_IsPreprocessing(string input, int how)
    {
        FloatNetwork network = Normalized(TinyNetworks.Convolutional());
        float[] images = Bytes(network.Input, 30);
        using Simulation simulation = Simulate(network, input, images, weight: "int24");
        QuantizedProgram program = simulation.Program;

        Assert.Equal(how == 1, !program.Input.Normalization.IsEmpty);
        Assert.Equal(how == 2, program.Layers[0].Name == "normalise");
        if (how == 0)
        {
            Assert.Equal(images.Take(40).Select(p => (long)MathF.Round(p * 255)),
                simulation.QuantizeInput(images).Take(40));
            Assert.Equal(51, program.Input.Type.ZeroPoint);
        }

        TinyNetworks.AssertNear(network, program, images, how == 1 ? 0.05 : 0.02);
    }

    [Fact]
    public void PixelsThatMeetAnotherLayerThanWeights_AreRealNumbers()
    {
        FloatNetwork network = new(
            "squashed", new(4),
            [
                new SigmoidLayer("squash", [0]),
                new DenseLayer("logits", [1], 2, [1, 2, 3, 4, -1, -2, 1, 1], [0, 0]),
            ]);
        QuantizedProgram program = Program(network, "uint8", [0, 0.5f, 1, 0.25f]);
        Assert.Null(program.Input.Levels);
        Assert.Equal(Math.ScaleB(1, -7), program.Input.Type.Scale);
    }

    [Theory]
    [InlineData("int8-wide", "raw = byte, rounded RND_CONV; read as byte / 256")]
    [InlineData("int4", "raw = byte / 16, rounded RND_CONV; read as byte / 256")]
    [InlineData("tflite-int8", "raw = byte - 128, rounded RND_CONV; read as byte / 255")]
    [InlineData("gemmini", "raw = byte * 127/255, rounded RND_CONV; read as byte / 255")]
    [InlineData("hls4ml-default", "real numbers 0..1")]
    public void Explain_SaysWhichRule(string profile, string says) =>
        Assert.Contains(
            says,
            DatapathWidths.Describe(DatapathCompiler.Compile(ProfileReader.Read(profile))).First());

    [Fact]
    public void CalibrationOfBytes_IsRefused()
    {
        InputException error = Assert.Throws<InputException>(
            () => DatapathCompiler.Compile(
                ProfileReader.Read("int8-wide", new ProfileOverride("input.calibration", "mse"))));
        Assert.Contains("has no effect with pixels: bytes", error.Message);
    }

    private static float[] Padded(int more) => [.. Levels, .. new float[more]];

    private static FloatNetwork Dense(int inputs) => new(
        "dense", new(inputs),
        [new DenseLayer("logits", [0], 2, [.. Enumerable.Repeat(0.25f, 2 * inputs)], [0, 0])]);

    /// <summary>The network behind a mean of 0.2 and deviations of 0.4 and 0.5.</summary>
    private static FloatNetwork Normalized(FloatNetwork network) => new(
        network.Name, network.Input,
        [
            new BatchNormLayer("normalise", [0], [2.5f, 2f], [-0.5f, -0.4f]),
            .. network.Layers.Select(l => l with { Inputs = [.. l.Inputs.Select(i => i + 1)] }),
        ]);

    private static float[] Bytes(TensorShape shape, int count) =>
        [.. TinyNetworks.Images(shape, count).Select(v => MathF.Round(v * 255) / 255)];

    private static Simulation Simulate(
        FloatNetwork network, string input, float[]? images = null, string weight = "int8") =>
        new(Program(network, input, images ?? Levels, weight), new ReferenceBackend());

    private static QuantizedProgram Program(
        FloatNetwork network, string input, float[] images, string weight = "int8")
    {
        string path = Path.Combine(Path.GetTempPath(), $"pixels-{Guid.NewGuid():N}.yaml");
        bool isReal = input.Contains("real,", StringComparison.Ordinal)
            || input.Contains("real}", StringComparison.Ordinal);
        isReal &= input.Contains("scale", StringComparison.Ordinal);
        string scale = isReal ? "scale: real, " : "";
        try
        {
            File.WriteAllText(path, $$$"""
                schema: qsim/hardware-profile/1
                name: pixels
                input: {{{input}}}
                weight: {bits: {{{weight[3..]}}}, {{{scale}}}narrow_range: true}
                activation: {bits: 20, {{{scale}}}signed: true}
                mac: {accumulator: {bits: 50}}
                requantize: {{{(isReal ? "real" : "shift")}}}
                table: {entries: 64, low: -4, high: 4, index: nearest, entry: "fixed<16,2>"}
                """);
            Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(path));
            return Quantizer.Quantize(network, datapath, images);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
