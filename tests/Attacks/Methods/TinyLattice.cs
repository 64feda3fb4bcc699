using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Tests.Gradients;
using QSim.Simulator;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// A network of six pixels; hardware that reads them with two bits has few inputs in reach of an
/// image, and all of them are tried.
/// </summary>
internal static class TinyLattice
{
    public const int Count = 100;
    private const int Pixels = 6;

    /// <summary>
    /// Whether every raw input that some image within epsilon is read as is classified right.
    /// </summary>
    public static bool IsSafe(
        Simulation hardware, LabelledImages images, int index, double epsilon)
    {
        float[] low = [.. images.Image(index)], high = [.. images.Image(index)];
        for (int p = 0; p < Pixels; p++)
        {
            low[p] = Math.Max((float)(low[p] - epsilon), 0);
            high[p] = Math.Min((float)(high[p] + epsilon), 1);
        }

        long[] first = hardware.QuantizeInput(low), last = hardware.QuantizeInput(high);
        IEnumerable<long[]> reach = [[]];
        for (int p = 0; p < Pixels; p++)
        {
            int at = p;
            reach = reach.SelectMany(head => Enumerable.Range(0, (int)(last[at] - first[at]) + 1)
                .Select(step => (long[])[.. head, first[at] + step]));
        }

        float[] lattice =
        [
            .. reach.SelectMany(raw => raw.Select((r, p) => (float)hardware.Input.Pixel(r, p))),
        ];
        return hardware.Classify(lattice).All(c => c == images.Labels[index]);
    }

    /// <summary>The network, trained, and its images.</summary>
    public static (FloatNetwork Network, LabelledImages Images) Task()
    {
        FloatNetwork network = new NetworkBuilder("tiny", new(1, 2, 3))
            .Flatten()
            .Dense(12)
            .Relu()
            .Dense(3)
            .Build();
        Initializer.KaimingUniform(network, 3);
        float[] pixels = TestNetworks.Images(network, Count, seed: 21);
        int[] labels = [.. Enumerable.Range(0, Count).Select(i => i % 3)];

        // Column k is bright in class k.
        for (int i = 0; i < Count; i++)
            for (int p = 0; p < Pixels; p++)
                pixels[(i * Pixels) + p] =
                    (0.45f * pixels[(i * Pixels) + p]) + (p % 3 == labels[i] ? 0.5f : 0);
        using var model = new ManagedGradientModel(network, 1);
        Trainer.Train(
            network, model, pixels, labels,
            new() { Epochs = 60, Optimizer = new AdamOptimizer(0.01f) });
        return (network, new(network.Input, pixels, labels));
    }
}
