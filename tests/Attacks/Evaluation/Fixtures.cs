using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Tests.Gradients;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>Small trained networks and images to attack.</summary>
internal static class Fixtures
{
    private static readonly Lazy<(FloatNetwork, LabelledImages)> Trained = new(() => MakeBars(5));

    /// <summary>A network that tells bright bars apart, and images that it knows.</summary>
    public static (FloatNetwork Network, LabelledImages Images) Bars => Trained.Value;

    /// <summary>A linear classifier: <c>z = W x + b</c>.</summary>
    public static FloatNetwork Linear(float[] weight, float[] bias)
    {
        FloatNetwork network = new NetworkBuilder("linear", new(weight.Length / bias.Length))
            .Dense(bias.Length)
            .Build();
        weight.CopyTo(network.Layers[0].Parameters[0], 0);
        bias.CopyTo(network.Layers[0].Parameters[1], 0);
        return network;
    }

    /// <summary>
    /// The same with weights and images of another seed; 5 is that of <see cref="Bars"/>.
    /// </summary>
    public static (FloatNetwork Network, LabelledImages Images) MakeBars(ulong seed)
    {
        FloatNetwork network = new NetworkBuilder("bars", new(1, 6, 6))
            .Conv(6, 3, padding: 1).Relu().MaxPool(2).Flatten().Dense(3).Build();
        Initializer.KaimingUniform(network, seed);
        LabelledImages images = BarImages(network, 150, seed + 3);
        using var model = new ManagedGradientModel(network, 2);
        Trainer.Train(network, model, images.Pixels, images.Labels, new()
        {
            Epochs = 30,
            Optimizer = new AdamOptimizer(0.01f),
        });
        return (network, images.Slice(0, 60));
    }

    private static LabelledImages BarImages(
        FloatNetwork network, int count, ulong seed)
    {
        float[] pixels = TestNetworks.Images(network, count, seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 3)];
        for (int i = 0; i < count; i++)
            for (int p = 0; p < 36; p++)
            {
                bool isBar = p / 12 == labels[i];
                pixels[(i * 36) + p] = (0.6f * pixels[(i * 36) + p]) + (isBar ? 0.3f : 0);
            }

        return new(network.Input, pixels, labels);
    }
}
