using System.Numerics.Tensors;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Tests.Gradients;

public class TrainingTests
{
    private const string Weights = """
        schema: qsim/hardware-profile/1
        name: two-bit-weights
        input: {bits: 16, signed: false, pixels: real}
        weight: {bits: 2, encoding: bipolar, fraction_bits: 2}
        activation: {bits: 24, signed: auto}
        mac: {accumulator: {bits: 48}}
        requantize: shift
        """;

    [Fact]
    public void FakeQuantize_Gradient_PassesInRangeOnlyAndForwardIsTheFormats()
    {
        FloatNetwork network = new(
            "n",
            new(4),
            [
                new FakeQuantizeLayer("q", [0], Format("{bits: 3, fraction_bits: 2}")),
                new DenseLayer("d", [1], 2, [1, 2, 3, 4, 5, 6, 7, 8], [0, 0]),
            ]
        );
        using var model = new ManagedGradientModel(network, 1);
        float[] image = [0.3f, 0.9f, -0.4f, -1.2f],
            gradients = new float[4],
            logits = new float[2];

        model.Gradients(image, [0], new FirstLogit(), gradients, new float[1], logits);

        // In steps of 1/4 within [-1, 0.75]: 0.25, 0.75 (0.9 would be 1), -0.5 (a tie), -1 (-1.2
        // would be -1.25).
        Assert.Equal(0.25f + (2 * 0.75f) + (3 * -0.5f) - 4, logits[0]);
        Assert.Equal([1, 0, 3, 0], gradients);
    }

    [Fact]
    public void Train_WeightsOfTwoBits_LeavesOnlyTheirLevels()
    {
        FloatNetwork network = Trained(Weights, threads: 1);
        foreach (FloatLayer layer in network.Layers.Where(l => l.Parameters.Count > 0))
            Assert.Subset(
                new HashSet<float> { -0.75f, -0.25f, 0.25f, 0.75f },
                layer.Parameters[0].ToHashSet());
    }

    [Theory]
    [InlineData("int4")]
    [InlineData("tflite-int8")]
    public void Train_ForAProfile_IsTheSameOnAnyThreads(string profile)
    {
        string yaml = $"schema: qsim/hardware-profile/1\nname: v\nextends: {profile}\n";
        Assert.Equal(FlatParameters.Of(Trained(yaml, 1)), FlatParameters.Of(Trained(yaml, 3)));
    }

    [Fact]
    public void Train_Adversarially_IsTheSameOnAnyThreads()
    {
        float[][] runs =
        [
            .. new[] { 1, 3 }.Select(threads =>
                FlatParameters.Of(
                    Trained(Weights, threads, new() { Adversarial = new(0.1f, 3, 0.05f) }))
            ),
        ];
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], FlatParameters.Of(Trained(Weights, 1)));
    }

    [Fact]
    public void Train_WithPatience_StopsAndRestoresTheBestEpoch()
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        float[] images = TestNetworks.Images(network, 60);
        int[] labels = TestNetworks.Labels(network, 60);
        var held = new ValidationImages(
            TestNetworks.Images(network, 40, seed: 9), TestNetworks.Labels(network, 40));
        using var model = new ManagedGradientModel(network, 1);
        var after = new List<float[]>();
        TrainingReport report = Trainer.Train(
            network,
            new FloatPass(network, model),
            images,
            labels,
            new()
            {
                Epochs = 200,
                Validation = held,
                Patience = 4,
                AfterEpoch = _ =>
                {
                    after.Add(FlatParameters.Of(network));
                    return true;
                },
            }
        );

        // Labels without meaning: what is learnt by heart is of no use for images held out.
        Assert.InRange(report.Epochs.Count, 5, 199);
        Assert.Equal(report.Epochs.Count - 4, report.Kept.Epoch);
        Assert.Equal(report.Epochs.Max(e => e.ValidationAccuracy), report.Kept.ValidationAccuracy);
        Assert.Equal(after[report.Kept.Epoch - 1], FlatParameters.Of(network));
        float[] logits = new float[40 * network.Classes];
        model.Logits(held.Images, 40, logits);
        int right = Enumerable
            .Range(0, 40)
            .Count(i =>
                TensorPrimitives.IndexOfMax(logits.AsSpan(i * network.Classes, network.Classes))
                == held.Labels[i]
            );
        Assert.Equal(report.Kept.ValidationAccuracy, right / 40.0);
    }

    [Fact]
    public void Train_WithClip_KeepsParametersInside()
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        using var model = new ManagedGradientModel(network, 1);
        Trainer.Train(
            network,
            model,
            TestNetworks.Images(network, 20),
            TestNetworks.Labels(network, 20),
            new()
            {
                Epochs = 40,
                Optimizer = new SgdOptimizer(0.3f),
                Clip = 0.25f,
            }
        );
        float[] all = FlatParameters.Of(network);
        Assert.Equal((-0.25f, 0.25f), (all.Min(), all.Max()));
    }

    [Fact]
    public void Train_WeightDecay_PullsTowardsZero()
    {
        double[] sizes =
        [
            .. new[] { 0, 0.1f }.Select(decay =>
            {
                FloatNetwork network = TestNetworks.Create("mlp");
                using var model = new ManagedGradientModel(network, 1);
                Trainer.Train(
                    network,
                    model,
                    TestNetworks.Images(network, 20),
                    TestNetworks.Labels(network, 20),
                    new()
                    {
                        Epochs = 40,
                        Optimizer = new SgdOptimizer(0.1f),
                        WeightDecay = decay,
                    }
                );
                return FlatParameters.Of(network).Sum(p => (double)p * p);
            }),
        ];
        Assert.True(sizes[1] < sizes[0] / 4, $"{sizes[1]} after decay, {sizes[0]} without");
    }

    [Fact]
    public void Perturb_StaysInTheBudgetAndRaisesTheLoss()
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        using var model = new ManagedGradientModel(network, 2);
        float[] clean = TestNetworks.Images(network, 12),
            images = [.. clean];
        int[] labels = TestNetworks.Labels(network, 12),
            names = [.. Enumerable.Range(0, 12)];

        new AdversarialTraining(0.1f, 5, 0.04f).Perturb(
            model, images, labels, names, seed: 1, epoch: 1);

        Assert.All(
            images.Zip(clean),
            p => Assert.InRange(p.First, Math.Max(0, p.Second - 0.1f), Math.Min(1, p.Second + 0.1f))
        );
        Assert.True(Loss(model, images, labels) > Loss(model, clean, labels));
    }

    private static float Loss(ManagedGradientModel model, float[] images, int[] labels)
    {
        float[] losses = new float[labels.Length];
        model.Gradients(
            images, labels, CrossEntropyLoss.Instance, new float[images.Length], losses,
            new float[labels.Length * model.Classes]);
        return losses.Sum();
    }

    private static FakeQuantizer Format(string weight)
    {
        string yaml = Weights.Replace("{bits: 2, encoding: bipolar, fraction_bits: 2}", weight);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Parse(yaml, "w.yaml"));
        return FakeQuantization.Parameters(TestNetworks.Create("mlp"), datapath)[0]!.Channels[0];
    }

    private static FloatNetwork Trained(
        string profile, int threads, TrainingOptions? options = null)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Parse(profile, "p.yaml"));
        FloatNetwork network = TestNetworks.Create("two_convs");
        float[] images = TestNetworks.Images(network, 70);
        using var pass = new QuantizedPass(
            network, datapath, images, n => new ManagedGradientModel(n, threads));
        Trainer.Train(
            network,
            pass,
            images,
            TestNetworks.Labels(network, 70),
            (options ?? new()) with
            {
                Epochs = 2,
            }
        );
        return network;
    }

    /// <summary>The first logit itself.</summary>
    private sealed class FirstLogit : ILoss
    {
        public string Name => "first";

        public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
        {
            gradient.Clear();
            gradient[0] = 1;
            return logits[0];
        }
    }
}
