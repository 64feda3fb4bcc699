using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Tflite;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>MEAN that keeps dimensions, of which LiteRT has a kernel of its own.</summary>
public class KeptMeanTests
{
    /// <summary>What LiteRT 2.5.3's built-in kernels gave for the four images below.</summary>
    private static readonly int[] LiteRts =
    [
        -14, -22, -46, 22, 3, 39, -40, 55,
        -9, -18, -36, 19, 4, 39, -40, 55,
        -10, -18, -37, 19, 3, 41, -42, 57,
        -7, -16, -31, 17, 3, 45, -48, 62,
    ];

    [Theory]
    [InlineData("litert-builtin", true)]
    [InlineData("tflite-int8 pooling.mean=litert", true)]
    [InlineData("litert-builtin pooling.mean=requantize", false)]
    public void Run_MeanOfAnImage_IsLiteRtsWhereAProfileHasIts(string profile, bool isLiteRts)
    {
        (TfliteTestModel model, TestTensor y, byte[] images) = Model();
        QuantizedProgram program = TfliteHardware.Program(
            TfliteImporter.Import(model.Write(y), "f.tflite", null), profile);

        int[] found =
        [
            .. images.Chunk(model.Input.Length).SelectMany(image => TfliteHardware.Run(
                program, [.. ChannelOrder.First(image, 2).Select(b => (long)(sbyte)b)],
                "reference")).Select(v => (int)v),
        ];

        Assert.Equal(isLiteRts, LiteRts.SequenceEqual(found));
    }

    [Fact]
    public void Program_OfOtherRequantization_IsRefused()
    {
        (TfliteTestModel model, TestTensor y, _) = Model();

        Exception refused = Assert.ThrowsAny<Exception>(() => TfliteHardware.Program(
            TfliteImporter.Import(model.Write(y), "f.tflite", null),
            "int8-wide pooling.mean=litert"));
        Assert.Contains(
            "pooling.mean: litert goes with requantize: multiplier_double", refused.Message);
    }

    internal static (TfliteTestModel Model, TestTensor Output, byte[] Images) Model()
    {
        var model = new TfliteTestModel(5, 1, 7, 7, 2);
        TestTensor y = model.Mean(model.Mac(4, model.Input, 8, 1, 1, true, 0, 9), isKept: true);
        byte[] images = new byte[4 * model.Input.Length];
        new Random(6).NextBytes(images);
        return (model, y, images);
    }
}
