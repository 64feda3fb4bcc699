using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

/// <summary>Vectors of pixels against one pixel at a time.</summary>
public class PixelQuantizerTests
{
    private static readonly TensorType[] Types =
    [
        new(new(3, 5, 7), 8, false, 1 / 255.0),
        new(new(3, 5, 7), 8, true, 0.0123, ZeroPoint: -3),
        new(new(3, 5, 7), 16, false, 1.0 / 65536),
        new(new(3, 5, 7), 16, true, 1.0 / 1024),
        new(new(3, 5, 7), 24, true, 1.0 / (1 << 20)),
        new(new(3, 5, 7), 1, false, 1),
    ];

    private static readonly float[] Odd =
    [
        float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -0f, 0.5f, 1,
        -1, 1e9f, -3e15f, 2e-38f,
    ];

    public static TheoryData<RoundingMode> Modes =>
        [.. Enum.GetValues<RoundingMode>().Where(m => m != RoundingMode.Stochastic)];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Quantize_EveryStage_IsWhatThePixelsGiveOneByOne(RoundingMode rounding)
    {
        foreach (TensorType type in Types)
            foreach (OverflowMode overflow in Enum.GetValues<OverflowMode>())
                foreach (InputStage stage in Stages(new(type, rounding, overflow)))
                    Check(new(stage), Pixels(type, (int)rounding));
    }

    [Fact]
    public void Quantize_Stochastic_IsRefused()
    {
        var converter = new InputConverter(
            new(Types[0], RoundingMode.Stochastic, OverflowMode.Saturate));
        Assert.Throws<ArgumentException>(() => converter.Quantize(new float[105]));
    }

    private static IEnumerable<InputStage> Stages(InputStage plain) =>
    [
        plain,
        plain with { HasFloat32Quotient = true },
        plain with { Levels = 1 },
        plain with { Levels = 16, Black = 2 },
        plain with { Normalization = [(2, -1), (0.5f, 0.25f), (1 / 0.3f, -0.4f)] },
    ];

    /// <summary>Bytes, ties, and what no image should have, in and out of order.</summary>
    private static float[] Pixels(TensorType type, int seed)
    {
        var random = new Random(seed);
        float[] pixels = [.. Enumerable.Range(0, 3 * type.Shape.Length).Select(i => (i % 4) switch
        {
            0 => random.Next(256) / 255f,
            1 => (float)((random.Next(600) + 0.5) * type.Scale),
            2 => random.NextSingle(),
            _ => (random.NextSingle() * 3) - 1,
        })];
        for (int i = 0; i < Odd.Length; i++) pixels[(i * 23) + 1] = Odd[i];
        return pixels;
    }

    private static void Check(InputConverter converter, float[] pixels)
    {
        long[] expected = [.. pixels.Select((p, i) => converter.Quantize(p, i))];
        Assert.Equal(expected, converter.Quantize(pixels));
        var values = new RawValues(Type(converter));
        values.Resize(3);
        converter.Quantize(pixels, values);
        long[] actual = new long[expected.Length];
        values.Read(0, actual);
        Assert.Equal(expected, actual);
    }

    private static TensorType Type(InputConverter converter) =>
        new(new(3, 5, 7), converter.Target.Bits, converter.Target.IsSigned, 1);
}
