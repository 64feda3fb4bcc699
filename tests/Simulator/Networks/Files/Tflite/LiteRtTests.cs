using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files.Tflite;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>
/// QSim's integers are those of Google's interpreter: of XNNPACK, which it takes by itself, and of
/// its built-in kernels.
/// </summary>
public class LiteRtTests
{
    /// <summary>
    /// `tflite-int8` but for MEAN that keeps dimensions, which LiteRT alone computes otherwise.
    /// </summary>
    internal const string Uint8 = "tflite-int8 pooling.mean=litert";

    private const int Images = 20;
    private const int Seeds = 8;
    private const int Moves = 12;

    private static readonly int Networks = int.Parse(
        Environment.GetEnvironmentVariable("QSIM_TFLITE_GRAPHS") ?? "60");

    private static readonly int FirstSeed = int.Parse(
        Environment.GetEnvironmentVariable("QSIM_TFLITE_SEED") ?? "1");

    [SkippableTheory]
    [InlineData("xnnpack", "xnnpack", false)]
    [InlineData("builtin", "litert-builtin", false)]
    [InlineData("builtin", Uint8, true)]
    [InlineData("xnnpack", "xnnpack", true)]
    public void EveryOperator_IsLiteRts(string kernels, string profile, bool isUnsigned) => Compare(
        kernels, profile, isUnsigned,
        [
            .. from name in TfliteRandom.Operators.Keys

               // XNNPACK has no depthwise convolution of uint8: the built-in kernel's is in place.
               where !(isUnsigned && kernels == "xnnpack" && name == "depthwise")
               from seed in Enumerable.Range(1, Seeds)
               select ($"{name} {seed}", TfliteRandom.Of(
                   TfliteRandom.Operators[name], seed, isUnsigned)),
        ]);

    /// <summary>Behind each a dense layer: the order of the values counts.</summary>
    [SkippableTheory]
    [InlineData("xnnpack", "xnnpack", false)]
    [InlineData("builtin", "litert-builtin", false)]
    [InlineData("builtin", Uint8, true)]
    public void EveryMove_IsLiteRts(string kernels, string profile, bool isUnsigned) => Compare(
        kernels, profile, isUnsigned,
        [
            .. from name in TfliteMovesRandom.Operators.Keys
               from seed in Enumerable.Range(FirstSeed, Moves)
               select ($"{name} {seed}", TfliteRandom.Moved(name, seed, isUnsigned)),
        ]);

    [SkippableTheory]
    [InlineData("xnnpack", "xnnpack", false)]
    [InlineData("builtin", "litert-builtin", false)]
    [InlineData("builtin", Uint8, true)]
    [InlineData("xnnpack", "xnnpack", true)]
    public void EveryFunction_IsLiteRts(string kernels, string profile, bool isUnsigned) => Compare(
        kernels, profile, isUnsigned,
        [
            .. from made in isUnsigned
                   ? TfliteFunctionsRandom.Operators
                   : TfliteFunctionsRandom.Operators.Concat(TfliteFunctionsRandom.SignedOperators)
               from seed in Enumerable.Range(FirstSeed, Moves)
               select ($"{made.Key} {seed}", TfliteRandom.Of(
                   made.Value, seed, isUnsigned, most: 1 << (seed % 6))),
        ]);

    [SkippableTheory]
    [InlineData("xnnpack", "xnnpack", false)]
    [InlineData("builtin", "litert-builtin", false)]
    [InlineData("builtin", Uint8, true)]
    public void Networks_AreLiteRts(string kernels, string profile, bool isUnsigned) => Compare(
        kernels, profile, isUnsigned,
        [
            .. from seed in Enumerable.Range(FirstSeed, Networks)
               select ($"network {seed}", TfliteRandom.Network(seed, isUnsigned)),
        ]);

    /// <summary>A converter from PyTorch leaves images as they are and turns them itself.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void ImagesWithChannelsFirst_AreTurnedAsTheModelSays(bool isQuantizedAgain)
    {
        var model = new TfliteTestModel(3, 1, 3, 6, 5);
        TestTensor x = isQuantizedAgain
            ? model.Requantize(model.Input, model.Input.Scale * 1.5f, 9)
            : model.Input;
        x = model.Moves(39, x, [1, 6, 5, 3], [], [0, 2, 3, 1]);
        x = model.Mac(3, x, 4, 3, 1, true, 1);

        Assert.Equal(
            new(3, 6, 5), TfliteImporter.Import(model.Write(x), "f.tflite", null).Input);
        Compare("xnnpack", "xnnpack", false, [("channels first", (model, x))]);
    }

    private static void Compare(
        string kernels, string profile, bool isUnsigned,
        IReadOnlyList<(string Name, (TfliteTestModel Model, TestTensor Output) Made)> cases)
    {
        LiteRt.Need();
        (byte[] Model, byte[] Images)[] jobs = [.. cases.Select((c, i) =>
        {
            byte[] images = new byte[Images * c.Made.Model.Input.Length];
            new Random(i).NextBytes(images);
            return (c.Made.Model.Write(c.Made.Output), images);
        })];
        IReadOnlyList<(byte[]? Bytes, string Error)> theirs = LiteRt.Run(kernels, jobs);

        var different = new List<string>();
        for (int i = 0; i < jobs.Length; i++)
        {
            (string name, (TfliteTestModel model, TestTensor output)) = cases[i];
            Assert.True(theirs[i].Bytes is not null, $"{name}: {theirs[i].Error}");
            FloatNetwork network = TfliteImporter.Import(jobs[i].Model, "f.tflite", null);
            QuantizedProgram program = TfliteHardware.Program(network, profile);
            bool isFirst = network.Input.Channels != model.Input.Channels;
            byte[] ours =
            [
                .. jobs[i].Images.Chunk(model.Input.Length).SelectMany(image => ChannelOrder.Last(
                    TfliteHardware.Run(
                        program,
                        [.. ChannelOrder.First(image, isFirst ? 1 : model.Input.Channels)
                            .Select(b => isUnsigned ? b : (long)(sbyte)b)]),
                    output.Channels)).Select(raw => (byte)raw),
            ];
            Assert.Equal(theirs[i].Bytes!.Length, ours.Length);
            int count = ours.Zip(theirs[i].Bytes!).Count(p => p.First != p.Second);
            if (count > 0) different.Add($"{name}: {count} of {ours.Length}");
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
    }
}
