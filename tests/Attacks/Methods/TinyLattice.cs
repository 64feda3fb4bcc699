using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Tests.Evaluation;
using QSim.Attacks.Tests.Gradients;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// A network of six pixels on hardware that reads them with two bits: few inputs are in reach of an
/// image, and all of them are tried.
/// </summary>
internal sealed class TinyLattice : IDisposable
{
    public const int Count = 100;
    private const int Pixels = 6;

    public TinyLattice(string profile, params ProfileOverride[] overrides)
        : this(1, profile, overrides)
    {
    }

    /// <summary>The same with larger logits.</summary>
    public TinyLattice(float times, string profile, params ProfileOverride[] overrides)
    {
        (Network, Images) = Train();
        foreach (float[] parameter in Network.Layers[^1].Parameters)
            for (int i = 0; i < parameter.Length; i++) parameter[i] *= times;
        Chip = new(Network, Images.Pixels, profile, [new("input", "uint2"), .. overrides]);
    }

    public FloatNetwork Network { get; }

    public LabelledImages Images { get; }

    public Chip Chip { get; }

    /// <summary>
    /// Of each image, whether every raw input that some image within epsilon is read as is
    /// classified right.
    /// </summary>
    public bool[] Safe(double epsilon) =>
        [.. Enumerable.Range(0, Count).Select(i => IsSafe(i, epsilon))];

    public void Dispose() => Chip.Dispose();

    private bool IsSafe(int index, double epsilon)
    {
        Simulation hardware = Chip.Simulation;
        float[] low = [.. Images.Image(index)], high = [.. Images.Image(index)];
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
        return hardware.Classify(lattice).All(c => c == Images.Labels[index]);
    }

    private static (FloatNetwork Network, LabelledImages Images) Train()
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
