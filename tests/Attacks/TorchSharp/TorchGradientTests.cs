using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Tests.Gradients;
using QSim.Simulator.Networks;
using TorchSharp;

namespace QSim.Attacks.Tests.TorchSharp;

/// <summary>
/// libtorch agrees with the managed engine within 1e-5 of a result's largest value.
/// </summary>
[Collection("torch")]
public class TorchGradientTests
{
    private const int Count = 21;
    private const double Tolerance = 1e-5;

    private static readonly IGradientEngine Engine = GradientEngineList.Find("torch")!;

    public static TheoryData<string> Networks => TestNetworks.Names;

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void Logits_EveryLayer_EqualManaged(string name) => Compare(name, (model, batch) =>
    {
        var logits = new float[Count * model.Classes];
        model.Logits(batch.Images, Count, logits);
        return [logits];
    });

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void Gradients_EveryLayer_EqualManaged(string name) =>
        Compare(
            name,
            (model, batch) =>
            {
                var gradients = new float[batch.Images.Length];
                (float[] losses, float[] logits) = (
                    new float[Count], new float[Count * model.Classes]);
                model.Gradients(
                    batch.Images, batch.Labels, RescaledCrossEntropyLoss.Instance, gradients,
                    losses, logits);
                return [gradients, losses, logits];
            }
        );

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void ParameterGradients_EveryLayer_EqualManaged(string name) =>
        Compare(
            name,
            (model, batch) =>
            {
                var gradients = new float[model.ParameterCount];
                (float[] losses, float[] logits) = (
                    new float[Count], new float[Count * model.Classes]);
                model.ParameterGradients(
                    batch.Images, batch.Labels, CrossEntropyLoss.Instance, gradients, losses,
                    logits);
                return [gradients, losses, logits];
            }
        );

    [SkippableTheory]
    [MemberData(nameof(Networks))]
    public void StraightThrough_EveryTensorGiven_EqualManaged(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        Dictionary<int, float[]> given = Enumerable
            .Range(1, network.Layers.Length)
            .ToDictionary(t => t, t => Values(Count * network.Shape(t).Length, (ulong)t));
        Compare(
            name,
            (model, batch) =>
            {
                var gradients = new float[batch.Images.Length];
                (float[] losses, float[] logits) = (
                    new float[Count], new float[Count * model.Classes]);
                model.Gradients(
                    batch.Images, batch.Labels, CrossEntropyLoss.Instance, gradients, losses,
                    logits, new FloatActivations(given));
                return [gradients, losses, logits];
            }
        );
    }

    [SkippableFact]
    public void Refresh_ChangedParameters_AreTakenOver() => Compare("two_convs", (model, batch) =>
    {
        batch.Network.Layers[0].Parameters[1][2] += 1;
        model.Refresh();
        var logits = new float[Count * model.Classes];
        model.Logits(batch.Images, Count, logits);
        return [logits];
    });

    [SkippableFact]
    public void Train_Adam_FollowsManaged() => Compare("mlp", (model, batch) =>
    {
        Trainer.Train(
            batch.Network, model, batch.Images, batch.Labels,
            new() { Epochs = 5, BatchSize = 7, Optimizer = new AdamOptimizer(0.01f) });
        return [.. batch.Network.Layers.SelectMany(l => l.Parameters)];
    });

    [SkippableFact]
    public void Gradients_Repeated_LeaveNoTensorsBehind()
    {
        SkipUnlessUsable();
        FloatNetwork network = TestNetworks.Create("two_convs");
        var batch = new Batch(
            network, TestNetworks.Images(network, Count), TestNetworks.Labels(network, Count));
        var gradients = new float[batch.Images.Length];
        (float[] losses, float[] logits) = (new float[Count], new float[Count * network.Classes]);
        long before = torch.Tensor.TotalCount;
        using (ITrainableModel model = Engine.Create(network))
        {
            Assert.True(torch.Tensor.TotalCount > before);
            long during = torch.Tensor.TotalCount;
            for (int i = 0; i < 10; i++)
            {
                model.Gradients(
                    batch.Images, batch.Labels, CrossEntropyLoss.Instance, gradients, losses,
                    logits);
                model.Logits(batch.Images, Count, logits);
            }

            Assert.Equal(during, torch.Tensor.TotalCount);
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [SkippableFact]
    public void Gradients_WrongLength_IsRefused()
    {
        SkipUnlessUsable();
        using ITrainableModel model = Engine.Create(TestNetworks.Create("dense"));
        Assert.Throws<ArgumentException>(() => model.Logits(new float[5], 1, new float[7]));
        Assert.Throws<ArgumentException>(() =>
            model.Gradients(
                new float[13], [0], CrossEntropyLoss.Instance, new float[12], new float[1],
                new float[7])
        );
    }

    private static void Compare(string name, Func<ITrainableModel, Batch, float[][]> run)
    {
        SkipUnlessUsable();
        float[][] expected = Run(name, network => new ManagedGradientModel(network, 2), run);
        float[][] actual = Run(name, network => Engine.Create(network), run);
        for (int i = 0; i < expected.Length; i++) AssertClose(expected[i], actual[i]);
    }

    private static float[][] Run(
        string name, Func<FloatNetwork, ITrainableModel> create,
        Func<ITrainableModel, Batch, float[][]> run)
    {
        FloatNetwork network = TestNetworks.Create(name);
        using ITrainableModel model = create(network);
        return run(
            model,
            new(network, TestNetworks.Images(network, Count), TestNetworks.Labels(network, Count)));
    }

    private static float[] Values(int count, ulong seed)
    {
        var random = new KeyedRandom(seed, RandomPurpose.AttackStart, 0);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextFloat(-1, 1))];
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        double scale = expected.Max(Math.Abs);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= Tolerance * scale,
                $"[{i}]: {actual[i]}, not {expected[i]}");
        }
    }

    private static void SkipUnlessUsable() =>
        Skip.If(Engine.WhyUnavailable is not null, Engine.WhyUnavailable);

    private sealed record Batch(FloatNetwork Network, float[] Images, int[] Labels);
}
