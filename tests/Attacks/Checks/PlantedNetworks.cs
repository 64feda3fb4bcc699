using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Checks;

/// <summary>Networks with one known fault each, and images that they classify right.</summary>
internal static class PlantedNetworks
{
    private const int Count = 20;

    /// <summary>Two classes that a sum of pixels decides; logits times a factor.</summary>
    public static (FloatNetwork Network, LabelledImages Images) Linear(float scale)
    {
        float[] weight = [.. Enumerable.Range(0, 24).Select(i => i < 12 ? scale : -scale)];
        return WithLabel0(
            Fixtures.Linear(weight, [0, 11.9f * scale]), i => 0.55f + (0.001f * (i % 7)));
    }

    /// <summary>
    /// Wrong in a band only, which begins 0.07 along a pattern of signs and ends at 0.13: whoever
    /// leaps over it finds every image right again.
    /// </summary>
    public static (FloatNetwork Network, LabelledImages Images) Band()
    {
        const int Pixels = 16;
        FloatNetwork network = new NetworkBuilder("band", new(Pixels))
            .Dense(2).Relu().Dense(2).Build();
        FloatLayer first = network.Layers[0], last = network.Layers[2];
        for (int i = 0; i < Pixels; i++)
        {
            float sign = i % 2 == 0 ? 1 : -1;
            first.Parameters[0][i] = sign / (0.03f * Pixels);
            first.Parameters[0][Pixels + i] = -sign / (0.03f * Pixels);
        }

        first.Parameters[1][0] = -0.1f / 0.03f;
        first.Parameters[1][1] = 0.1f / 0.03f;
        float[] minusDistance = [0, 0, -1, -1];
        minusDistance.CopyTo(last.Parameters[0], 0);
        last.Parameters[1][1] = 1;
        return WithLabel0(network, i => 0.5f + (0.0001f * (i % 7)));
    }

    /// <summary>
    /// Nine rivals, of which the near one lies in one direction and eight far ones in the other:
    /// cross-entropy of logits over their gap goes for the far ones, which the budget does not
    /// reach.
    /// </summary>
    public static (FloatNetwork Network, LabelledImages Images) FarRivals()
    {
        const int Pixels = 36, Rivals = 9;
        float[] weight = new float[(Rivals + 1) * Pixels], bias = new float[Rivals + 1];
        Array.Fill(weight, 1, Pixels, Pixels);
        Array.Fill(weight, -1, 2 * Pixels, (Rivals - 1) * Pixels);
        Array.Fill(bias, (0.5f * Pixels) - 9, 2, Rivals - 1);
        bias[1] = (-0.5f * Pixels) - 3;
        return WithLabel0(Fixtures.Linear(weight, bias), _ => 0.5f);
    }

    /// <summary>
    /// Two hidden layers, all weights positive; dead where no image in [0, 1] wakes the first.
    /// </summary>
    public static (FloatNetwork Network, LabelledImages Images) Layers(bool isDead)
    {
        FloatNetwork network = new NetworkBuilder("layers", new(4))
            .Dense(6).Relu().Dense(5).Relu().Dense(2).Build();
        foreach (float[] parameter in network.Layers.SelectMany(l => l.Parameters))
            Array.Fill(parameter, 0.5f);
        Array.Fill(network.Layers[0].Parameters[1], isDead ? -10 : 0);
        network.Layers[4].Parameters[0][0] = 0.75f;
        network.Layers[4].Parameters[1][0] = 1;
        return WithLabel0(network, i => 0.4f + (0.01f * (i % 11)));
    }

    /// <summary>A linear network of so many classes, and what it says as labels.</summary>
    public static (FloatNetwork Network, LabelledImages Images) Classes(int count)
    {
        float[] weight = [.. Enumerable.Range(0, count * 6).Select(i => (i * 7 % 11) - 5f)];
        (FloatNetwork network, LabelledImages images) = WithLabel0(
            Fixtures.Linear(weight, new float[count]), i => i * 13 % 10 / 10f);
        using var model = new ManagedGradientModel(network, 1);
        return (network, images with
        {
            Labels = Robustness.Classify(new FloatClassifier(model), images),
        });
    }

    /// <summary>
    /// Hidden units that 4-bit activations round to 0 on every clean image, where the float network
    /// has them at 0.2: on hardware nothing has a gradient, until all pixels have gone along a
    /// pattern of signs and the units jump to 1.
    /// </summary>
    /// <remarks>A unit that is always 15 is why a step of activations is as large as 1.</remarks>
    public static (FloatNetwork Network, LabelledImages Images) Sleeping()
    {
        const int Pixels = 16, Units = 8;
        FloatNetwork network = new NetworkBuilder("sleeping", new(1, 4, 4))
            .Flatten().Dense(Units + 1).Relu().Dense(2).Build();
        FloatLayer first = network.Layers[1], last = network.Layers[3];
        foreach (float[] parameter in network.Layers.SelectMany(l => l.Parameters))
            Array.Clear(parameter);
        for (int unit = 0; unit < Units; unit++)
        {
            for (int i = 0; i < Pixels; i++)
                first.Parameters[0][(unit * Pixels) + i] = i % 2 == 0 ? 0.25f : -0.25f;
            first.Parameters[1][unit] = 0.2f;
            last.Parameters[0][Units + 1 + unit] = 4;
        }

        first.Parameters[1][Units] = 15;
        last.Parameters[1][0] = 20;
        return WithLabel0(network, i => 0.5f + (0.001f * (i % 7)));
    }

    private static (FloatNetwork Network, LabelledImages Images) WithLabel0(
        FloatNetwork network, Func<int, float> pixel) => (network, new(
            network.Input, [.. Enumerable.Range(0, Count * network.Input.Length).Select(pixel)],
            new int[Count]));
}
