using System.Collections.Immutable;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

public class FakeQuantizerTests
{
    [Theory]
    [InlineData("twos_complement")]
    [InlineData("bipolar")]
    public void Apply_EveryWeightFormatOfOneToTenBits_IsTheNearestOfItsLevels(string encoding)
    {
        for (int bits = 1; bits <= 10; bits++)
        {
            bool isBipolar = encoding == "bipolar";
            double[] levels = isBipolar ? Odd(bits) : Whole(bits);
            FakeQuantizer quantizer = OfWeight(
                $"{{bits: {bits}, fraction_bits: {(isBipolar ? bits : bits - 1)}, encoding: "
                    + $"{encoding}}}");
            float[] real = Reals(levels);
            float[] quantized = new float[real.Length];
            quantizer.Apply(real, quantized);
            for (int i = 0; i < real.Length; i++)
            {
                double[] nearest = Nearest(levels, real[i]);
                // Of two as near, the one with the even stored number: levels lie in the stored
                // numbers' order.
                double expected =
                    nearest.Length == 1
                        ? nearest[0]
                        : nearest.Single(l =>
                            (Array.IndexOf(levels, l) - (levels.Length / 2)) % 2 == 0);
                Assert.True(
                    expected == quantized[i],
                    $"{encoding} {bits}: {real[i]} became {quantized[i]}, not {expected}");
            }

            Assert.Equal((levels[0], levels[^1]), (quantizer.Low, quantizer.High));
        }
    }

    [Fact]
    public void Apply_Truncation_IsTheLevelBelow()
    {
        for (int bits = 2; bits <= 10; bits++)
        {
            double[] levels = Whole(bits);
            FakeQuantizer quantizer = OfWeight(
                $"{{bits: {bits}, fraction_bits: {bits - 1}, rounding: TRN}}");
            foreach (float real in Reals(levels))
            {
                float[] quantized = [real];
                quantizer.Apply(quantized, quantized);
                Assert.Equal(levels.LastOrDefault(l => l <= real, levels[0]), quantized[0]);
            }
        }
    }

    [Theory]
    [InlineData(-8.51, false)]
    [InlineData(-8.5, true)]
    [InlineData(7.49, true)]
    [InlineData(7.51, false)]
    [InlineData(double.NaN, true)]
    public void Passes_WhereTheRoundedValueFits(double real, bool passes) =>
        Assert.Equal(passes, OfWeight("{bits: 4, fraction_bits: 0}").Passes((float)real));

    [Fact]
    public void Apply_Wrapping_WrapsAsTheHardwareDoes()
    {
        float[] values = [7, 8, -9, float.NaN];
        OfWeight("{bits: 4, fraction_bits: 0, overflow: WRAP}").Apply(values, values);
        Assert.Equal([7, -8, 7, 0], values);
    }

    /// <summary>
    /// What training sees of weights is what the quantizer gives the hardware, for every shipped
    /// profile.
    /// </summary>
    [Fact]
    public void Parameters_EveryShippedProfile_AreTheHardwaresWeights()
    {
        foreach (string name in ShippedProfiles.Names)
        {
            Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(name));
            FloatNetwork network = TinyNetworks.Convolutional();
            ImmutableArray<FakeParameter?> fake = FakeQuantization.Parameters(network, datapath);
            float[][] parameters = [.. network.Layers.SelectMany(l => l.Parameters)];
            Assert.Equal(parameters.Length, fake.Length);
            for (int i = 0; i < fake.Length; i += 2)
            {
                float[] seen = new float[parameters[i].Length];
                fake[i]!.Apply(parameters[i], seen);
                double gain = i == 0 && ReadsBytesOver256(datapath.Input) ? 256 / 255.0 : 1;
                ValueFormat format = datapath
                    .For(i < 4 ? "conv2d" : "dense", $"{i}", i == 4)
                    .Weight;
                QuantizedWeights hardware = WeightQuantizer.Quantize(
                    [.. parameters[i].Select(w => (float)(w * gain))], parameters[i + 1].Length,
                    format, [.. new double[parameters[i + 1].Length]]);
                Assert.Equal(
                    hardware.Raw.Select(
                        (raw, j) => (float)(raw * hardware.Scales[j / hardware.Depth].Step / gain)),
                    seen);
            }
        }
    }

    private static bool ReadsBytesOver256(ValueFormat input) =>
        input.Pixels == PixelEncoding.Bytes && input is not { Scale: ScaleKind.Real };

    private static FakeQuantizer OfWeight(string weight)
    {
        Datapath datapath = DatapathCompiler.Compile(
            ProfileReader.Parse(
                "schema: qsim/hardware-profile/1\nname: w\ninput: ap_fixed<16,8>\nactivation: "
                    + "uint8\nrequantize: shift\nmac: {accumulator: {bits: 48}}\nweight: "
                    + $"{weight}\n",
                "w.yaml"));
        return FakeQuantization.Parameters(TinyNetworks.Convolutional(), datapath)[
            0
        ]!.Channels.Single();
    }

    private static double[] Odd(int bits) =>
        [
            .. Enumerable
                .Range(0, 1 << bits)
                .Select(i => Math.ScaleB((2 * i) - (1 << bits) + 1, -bits)),
        ];

    private static double[] Whole(int bits) =>
        [
            .. Enumerable
                .Range(0, 1 << bits)
                .Select(i => Math.ScaleB(i - (1 << (bits - 1)), 1 - bits)),
        ];

    /// <summary>
    /// Levels, the middles between them, values next to both, and some far outside.
    /// </summary>
    private static float[] Reals(double[] levels)
    {
        IEnumerable<float> places = levels
            .Concat(levels.Zip(levels.Skip(1), (a, b) => (a + b) / 2))
            .Select(v => (float)v);
        return [-5, 5, .. places.SelectMany(v => new[] { v, v - 1e-5f, v + 1e-5f })];
    }

    private static double[] Nearest(double[] levels, double real)
    {
        double least = levels.Min(l => Math.Abs(l - real));
        return [.. levels.Where(l => Math.Abs(l - real) == least)];
    }
}
