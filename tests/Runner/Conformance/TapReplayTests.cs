using System.Text;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Simulator;
using QSim.Simulator.Arrays;
using QSim.Simulator.Conformance;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Tests.Conformance;

/// <summary>Files of whole networks: what is written conforms; a changed bit is found.</summary>
public sealed class TapReplayTests : IDisposable
{
    private const int Images = 2;
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Profiles => [.. ShippedProfiles.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Conform_EveryLayerOnAShippedProfile_Agrees(string profile)
    {
        ReplayReport report = Run(Arrays(Program(profile)));

        Assert.True(report.Mismatches == 0, string.Join('\n', report.First));
        Assert.Equal("network", report.Kind);
        Assert.True(report.Rows > 10_000, $"{report.Rows} values");
    }

    [Theory]
    [InlineData("conv1.output", "[image 1, channel 2, row 3, column 4]", 36, 6)]
    [InlineData("add.output", "[image 1, channel 2, row 3, column 4]", 36, 6)]
    [InlineData("concat.output", "[image 0, channel 5, row 0, column 1]", 36, 6)]
    [InlineData("maxpool.output", "[image 1, channel 0, row 4, column 2]", 25, 5)]
    [InlineData("depthwise.output", "[image 0, channel 3, row 4, column 4]", 25, 5)]
    [InlineData("sigmoid.output", "[image 1, channel 5, row 1, column 0]", 25, 5)]
    [InlineData("average.output", "[image 1, channel 4, row 1, column 0]", 4, 2)]
    [InlineData("tanh.output", "[image 0, channel 0, row 0, column 1]", 4, 2)]
    [InlineData("multiply.output", "[image 1, channel 1, row 1, column 1]", 4, 2)]
    [InlineData("hidden.output", "[image 1, channel 4, row 0, column 0]", 1, 1)]
    [InlineData("softmax.output", "[image 0, channel 3, row 0, column 0]", 1, 1)]
    [InlineData("logits.output", "[image 1, channel 2, row 0, column 0]", 1, 1)]
    public void Conform_OneChangedBit_IsNamed(string array, string at, int positions, int columns)
    {
        int[] place = [.. at.Split([' ', ',', ']']).Where(w => int.TryParse(w, out _))
            .Select(int.Parse)];
        Dictionary<string, NpyArray> arrays = Arrays(Program("tflite-int8"));
        int channels = arrays[array].Length / Images / positions;
        int index = (((place[0] * channels) + place[1]) * positions) + (place[2] * columns)
            + place[3];
        Flip(arrays, array, index);

        ReplayReport report = Run(arrays);

        Assert.Equal(1, report.Mismatches);
        Assert.Contains($"{array} {at}: ", Assert.Single(report.First));
    }

    [Theory]
    [InlineData("conv2.product", "step 7")]
    [InlineData("conv2.accumulator", "update 7")]
    public void Conform_OneChangedStep_IsNamed(string array, string step)
    {
        Dictionary<string, NpyArray> arrays = Arrays(Program("hls4ml-default"));
        int steps = arrays[array].Shape[^1];
        Flip(arrays, array, (((1 * 3) + 1) * 36 * steps) + (14 * steps) + 7);

        ReplayReport report = Run(arrays);

        Assert.Contains(
            $"{array} [image 1, channel 1, row 2, column 2, {step}]: ",
            Assert.Single(report.First));
    }

    /// <summary>
    /// Requantization has the arrays of its kind; files of older builds have all of them.
    /// </summary>
    [Theory]
    [InlineData("int8-wide", "shift")]
    [InlineData("tflite-int8", "multiplier", "multiplier_shift")]
    [InlineData("qnnpack", "real_scale")]
    [InlineData("onednn", "real_scale", "real_bias")]
    public void Of_Program_HasWhatItsRequantizationUses(string profile, params string[] parts)
    {
        Dictionary<string, NpyArray> arrays = Arrays(Program(profile));
        string[] all = [.. ChannelPart.All.Select(p => p.Name)];
        Assert.Equal(parts, all.Where(p => arrays.ContainsKey($"conv1.{p}")));

        foreach (string layer in new[] { "conv1", "conv2" })
            foreach (string part in all.Where(p => !arrays.ContainsKey($"{layer}.{p}")))
                arrays[$"{layer}.{part}"] = NpyArray.Of(
                    new long[arrays[$"{layer}.bias"].Length], arrays[$"{layer}.bias"].Length);
        Assert.Equal(0, Run(arrays).Mismatches);

        arrays.Remove($"conv1.{parts[0]}");
        Assert.Contains(
            $"there is no array 'conv1.{parts[0]}'",
            Assert.Throws<InputException>(() => Run(arrays)).Message);
    }

    [Fact]
    public void Conform_ChangedWeight_IsFoundInItsLayerFirst()
    {
        Dictionary<string, NpyArray> arrays = Arrays(Program("int8-wide"));
        Flip(arrays, "conv2.weight", 4, bit: 5);

        ReplayReport report = Run(arrays);

        Assert.True(report.Mismatches > 1);
        Assert.Contains("conv2.product [image 0, channel 0,", report.First[0]);
    }

    [Theory]
    [InlineData("conv1.bias", "there is no array 'conv1.bias'")]
    [InlineData("input", "array 'input' is missing")]
    [InlineData("conv1.scale", "there is no array 'conv1.scale'")]
    public void Conform_ArrayMissing_IsNamed(string array, string expected)
    {
        Dictionary<string, NpyArray> arrays = Arrays(Program("int8-wide"));
        arrays.Remove(array);

        Assert.Contains(expected, Assert.Throws<InputException>(() => Run(arrays)).Message);
    }

    [Theory]
    [InlineData("\"lanes\":", "\"lane\":", "meta: ")]
    [InlineData("\"lanes\":1,", "", "meta: ")]
    [InlineData("qsim/taps/1", "qsim/taps/9", "schema 'qsim/taps/9' is not known")]
    [InlineData("\"type\":\"mac\"", "\"type\":\"mic\"", "a layer of type 'mic'")]
    [InlineData("\"bits\":8", "\"bits\":99", "meta: ")]
    public void Conform_DescriptionChanged_IsRefused(string from, string to, string expected)
    {
        Dictionary<string, NpyArray> arrays = Arrays(Program("int8-wide"));
        string text = System.Text.Encoding.UTF8.GetString(arrays["meta"].Data);
        Assert.Contains(from, text);
        byte[] meta = System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to));
        arrays["meta"] = new("|u1", [meta.Length], meta);

        string message = Assert.Throws<InputException>(() => Run(arrays)).Message;

        Assert.Contains(expected, message);
        Assert.Equal(0, message.Count(c => c == '\n'));
    }

    [Fact]
    public void Conform_UnknownArray_IsRefused()
    {
        Dictionary<string, NpyArray> arrays = Arrays(Program("int8-wide"));
        arrays["conv9.output"] = NpyArray.Of([1L], 1);

        Assert.Contains(
            "array 'conv9.output' does not belong to this network",
            Assert.Throws<InputException>(() => Run(arrays)).Message);
    }

    /// <summary>Files that there are must stay readable.</summary>
    [Theory]
    [InlineData(typeof(MacLayer), "mac")]
    [InlineData(typeof(MaxPoolLayer), "max_pool")]
    [InlineData(typeof(AveragePoolLayer), "average_pool")]
    [InlineData(typeof(AddLayer), "add")]
    [InlineData(typeof(ConcatLayer), "concat")]
    [InlineData(typeof(MultiplyLayer), "multiply")]
    [InlineData(typeof(LookupLayer), "lookup")]
    [InlineData(typeof(SoftmaxLayer), "softmax")]
    [InlineData(typeof(ClampLayer), "clamp")]
    [InlineData(typeof(ReshapeLayer), "reshape")]
    [InlineData(typeof(RearrangeLayer), "rearrange")]
    public void TypesOfLayers_HaveTheNamesOfFiles(Type type, string name) =>
        Assert.Equal(type, ProgramJson.Layers.Single(l => l.Name == name).Type);

    /// <summary>Where it says nothing it is left out: older files have none.</summary>
    [Fact]
    public void SettingThatCameLater_IsWrittenWhereItSaysSomething()
    {
        QuantizedProgram plain = Program("tflite-int8");
        QuantizedProgram moved = plain with
        {
            Layers = [.. plain.Layers.Select(l => l is AveragePoolLayer pool
                ? pool with { Unit = pool.Unit with { Offset = Binary32.Of(2.5f) } }
                : l)],
        };

        // A sum in float32 has a setting of this name, too.
        Assert.Equal(Named(plain) + 1, Named(moved));
        Assert.Equal(
            [Binary32.Of(2.5f)],
            ProgramArrays.Read(ProgramArrays.Of(moved).ToDictionary(a => a.Name, a => a.Array))
                .Layers.OfType<AveragePoolLayer>().Select(l => l.Unit.Offset));

        static int Named(QuantizedProgram program) =>
            Encoding.UTF8.GetString(ProgramJson.Of(program)).Split("\"offset\"").Length;
    }

    private static QuantizedProgram Program(string profile) =>
        ShippedCases.Program(profile, ShippedCases.EveryLayer());

    private static Dictionary<string, NpyArray> Arrays(QuantizedProgram program)
    {
        long[] inputs = ProgramGenerator.Inputs(program, Images, 3);
        int length = program.Input.Type.Shape.Length;
        int[] all = [.. Enumerable.Range(0, program.Layers.Length + 1)];
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        var registers = new Registers(
            program, [4, 9],
            [
                .. new[] { 4, 9 }.Select((image, i) =>
                {
                    RunResult run = runner.Run(
                        inputs[(i * length)..((i + 1) * length)], 1,
                        new RunOptions { FirstImage = image, Taps = [.. all] });
                    return (IReadOnlyList<long[]>)[.. all.Select(t => run.Taps[t])];
                }),
            ]);
        return ProgramArrays.Of(program)
            .Concat(registers.Of(Enumerable.Range(0, program.Layers.Length), steps: true))
            .ToDictionary(a => a.Name, a => a.Array);
    }

    private static void Flip(
        Dictionary<string, NpyArray> arrays, string name, int index, int bit = 0)
    {
        NpyArray array = arrays[name];
        byte[] data = [.. array.Data];
        data[index * (array.Type[2] - '0')] ^= (byte)(1 << bit);
        arrays[name] = array with { Data = data };
    }

    private ReplayReport Run(IReadOnlyDictionary<string, NpyArray> arrays)
    {
        string path = _folder.File("taps.npz");
        using (FileStream file = File.Create(path))
            NpzFile.Write(file, arrays.Select(a => (a.Key, a.Value)));
        return Replay.Run(path, new ReplayOptions(null, 5));
    }
}
