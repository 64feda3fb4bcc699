using QSim.Kernels.Datapath;
using QSim.Simulator.Conformance;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using QSim.Simulator.Tests.Networks.Files.Tflite;

namespace QSim.Simulator.Tests.Units;

/// <summary>
/// The order in which TensorFlow Lite multiplies scales: in float32 where one multiplier serves all
/// channels of a dense layer (GetQuantizedConvolutionMultipler), in float64 for every channel of a
/// convolution (PopulateConvolutionQuantizationParams). Multipliers of 31 bits tell them apart.
/// </summary>
public class TfliteDenseScaleTests
{
    public static TheoryData<string> Profiles =>
        ["tflite-int8", "cmsis-nn-int8", "edge-tpu", "cmsis-nn-16x8"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Multipliers_OfANetwork_AreMadeInTensorFlowLitesOrder(string profile)
    {
        QuantizedProgram program = ShippedCases.Program(profile, ShippedCases.EveryLayer());
        MacLayer[] layers = [.. program.Layers.OfType<MacLayer>()];
        string[] dense = [.. ShippedCases.EveryLayer().Layers.Where(l => l.Kind == "dense")
            .Select(l => l.Name)];
        int told = 0;
        foreach (MacLayer layer in layers)
            for (int c = 0; c < layer.Requantization.Length; c++)
            {
                float x = (float)layer.Input.Scale, w = (float)layer.WeightSteps[c],
                    y = (float)layer.Output.Scale;
                (double own, double other) = ((double)(x * w) / y, (double)x * w / y);
                if (!dense.Contains(layer.Name)) (own, other) = (other, own);
                int found = layer.Requantization[c].Multiplier;
                Assert.Equal(Expected(own, profile), found);
                if (Expected(other, profile) != found) told++;
            }

        Assert.Contains(layers, l => dense.Contains(l.Name));
        if (profile != "cmsis-nn-16x8") Assert.True(told > 10, $"only {told} tell");
    }

    /// <summary>All channels of a dense layer share a scale there.</summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public void Dense_HasOneMultiplier(string profile)
    {
        LayerDatapath stages = OneUnit.Stages(profile, "dense");
        Assert.Equal(
            (ScaleGranularity.PerTensor, ScaleOrder.Product),
            (stages.Weight.Granularity, stages.Requantize.ScaleOrder));
    }

    /// <summary>
    /// MUL: TensorFlow Lite in float32 throughout (kernels/mul.cc), its micro interpreter in
    /// float64 (mul_common.cc).
    /// </summary>
    [Theory]
    [InlineData("tflite-int8", true)]
    [InlineData("edge-tpu", true)]
    [InlineData("cmsis-nn-int8", false)]
    public void Products_OfTwoTensors_AreScaledAsTheirToolDoes(string profile, bool isFloat)
    {
        var random = new Random(4);
        int told = 0;
        for (int i = 0; i < 100; i++)
        {
            float a = Step(random), b = Step(random), y = a * b * (20 + random.NextSingle());
            double single = a * b / y, wide = (double)a * b / y;
            int found = OneUnit.Multiply(profile, (a, 3), (b, -7), (y, 5)).Multiplier;
            Assert.Equal(TfliteReference.Multiplier(isFloat ? single : wide).Multiplier, found);
            if (TfliteReference.Multiplier(isFloat ? wide : single).Multiplier != found) told++;
        }

        Assert.True(told > 50, $"only {told} tell");
    }

    private static float Step(Random random) => 0.01f + (random.NextSingle() * 0.2f);

    private static int Expected(double ratio, string profile)
    {
        int multiplier = TfliteReference.Multiplier(ratio).Multiplier;
        return profile == "cmsis-nn-16x8" ? (multiplier + (1 << 15)) >> 16 : multiplier;
    }
}
