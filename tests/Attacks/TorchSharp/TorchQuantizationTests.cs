using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Tests.TorchSharp;

/// <summary>
/// Training that sees the hardware's formats: libtorch against the managed engine.
/// </summary>
[Collection("torch")]
public class TorchQuantizationTests
{
    private static readonly IGradientEngine Torch = GradientEngineList.Find("torch")!;
    private static readonly IGradientEngine Managed = GradientEngineList.Find("managed")!;

    public static TheoryData<RoundingMode, OverflowMode> Modes
    {
        get
        {
            var data = new TheoryData<RoundingMode, OverflowMode>();
            foreach (RoundingMode rounding in Enum.GetValues<RoundingMode>())
                data.Add(rounding, OverflowMode.Saturate);
            foreach (OverflowMode overflow in Enum.GetValues<OverflowMode>())
                data.Add(RoundingMode.NearestTiesToEven, overflow);
            return data;
        }
    }

    /// <summary>
    /// Every value is exact here: 128ths in and beyond the range, ties, and what has no number.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Modes))]
    public void FakeQuantize_EveryMode_EqualsManagedToTheBit(
        RoundingMode rounding, OverflowMode overflow)
    {
        SkipUnlessUsable();
        float[] values =
        [
            .. Enumerable.Range(-300, 601).Select(i => i / 128f),
            1e9f,
            -1e9f,
            float.PositiveInfinity,
            0.1f,
            -0.1f,
        ];
        var format = new FakeQuantizer(
            new(0.125, null, 3), rounding,
            ConversionSpec.Into(new(5, 0, true), 0, rounding, overflow))
        {
            Offset = 0.0625,
        };
        float[] gradients = EqualGradients(values, new FakeQuantizeLayer("q", [0], format));
        Assert.Contains(0f, gradients);
        Assert.Contains(1f, gradients);
    }

    [SkippableTheory]
    [InlineData(1f)]
    [InlineData(1e-6f)]
    [InlineData(0f)]
    public void DynamicQuantize_AnySize_EqualsManagedToTheBit(float size)
    {
        SkipUnlessUsable();
        float[] values = [.. Enumerable.Range(-100, 301).Select(i => i * size / 7)];
        Assert.All(
            EqualGradients(values, new DynamicQuantizeLayer("q", [0])), g => Assert.Equal(1, g));
    }

    private static float[] EqualGradients(float[] values, FloatLayer layer)
    {
        FloatNetwork network = new(
            "n", new(1, 1, values.Length),
            [layer, new MaxPool2dLayer("all", [1], new(1, 1))]);
        (float[] logits, float[] gradients)[] runs = [.. new[] { Managed, Torch }.Select(engine =>
        {
            using ITrainableModel model = engine.Create(network);
            (float[] l, float[] g) = (new float[values.Length], new float[values.Length]);
            model.Gradients(values, [0], new SumOfLogits(), g, new float[1], l);
            return (l, g);
        })];
        Assert.Equal(runs[0].logits, runs[1].logits);
        Assert.Equal(runs[0].gradients, runs[1].gradients);
        return runs[0].gradients;
    }

    [SkippableTheory]
    [InlineData("int4")]
    [InlineData("tflite-int8")]
    public void Train_ForAProfile_HasTheLossesOfManaged(string profile)
    {
        SkipUnlessUsable();
        (IReadOnlyList<EpochReport> Epochs, float[] Parameters) expected = Train(Managed, profile);
        (IReadOnlyList<EpochReport> Epochs, float[] Parameters) actual = Train(Torch, profile);
        foreach ((EpochReport e, EpochReport a) in expected.Epochs.Zip(actual.Epochs))
        {
            Assert.InRange(a.Loss, e.Loss * (1 - 1e-5), e.Loss * (1 + 1e-5));
            Assert.Equal(e.Accuracy, a.Accuracy);
        }

        double scale = expected.Parameters.Max(Math.Abs);
        for (int i = 0; i < expected.Parameters.Length; i++)
            Assert.InRange(
                actual.Parameters[i] - expected.Parameters[i], -1e-5 * scale, 1e-5 * scale);
    }

    private static (IReadOnlyList<EpochReport> Epochs, float[] Parameters) Train(
        IGradientEngine engine, string profile)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Parse(
            $"schema: qsim/hardware-profile/1\nname: v\nextends: {profile}\n", "p.yaml"));
        FloatNetwork network = TestNetworks.Create("two_convs");
        float[] images = TestNetworks.Images(network, 70);
        using var pass = new QuantizedPass(network, datapath, images, n => engine.Create(n));
        TrainingReport report = Trainer.Train(
            network, pass, images, TestNetworks.Labels(network, 70), new() { Epochs = 3 });
        return (report.Epochs, FlatParameters.Of(network));
    }

    private static void SkipUnlessUsable() =>
        Skip.If(Torch.WhyUnavailable is not null, Torch.WhyUnavailable);

    private sealed class SumOfLogits : ILoss
    {
        public string Name => "sum";

        public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
        {
            gradient.Fill(1);
            return 0;
        }
    }
}
