using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Gradients;

public class StraightThroughTests
{
    private const int Count = 9;

    public static TheoryData<string> Networks => TestNetworks.Names;

    [Theory]
    [MemberData(nameof(Networks))]
    public void StraightThrough_OwnActivations_IsThePlainGradient(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        float[] images = TestNetworks.Images(network, Count);
        using var model = new ManagedGradientModel(network, 2);
        (float[] plain, float[] logits) = Gradients(model, network, images, null);
        var all = OwnActivations(network, images);
        all[network.Layers.Length] = logits;
        (float[] through, _) = Gradients(model, network, images, all);
        AssertClose(plain, through);
        (float[] none, _) = Gradients(model, network, images, []);
        Assert.Equal(plain, none);
        (float[] after, _) = Gradients(model, network, images, null);
        Assert.Equal(plain, after);
    }

    [Fact]
    public void StraightThrough_GivenRelu_DecidesWhatPasses()
    {
        // z = relu(x), d loss / d z = softmax(z) - onehot(0): the mask is that of the values given.
        var network = new FloatNetwork("n", new(3), [new ReluLayer("relu", [0])]);
        using var model = new ManagedGradientModel(network, 1);
        float[] gradients = new float[3], logits = new float[3];
        model.Gradients(
            [0.5f, 0.5f, 0.5f], [0], CrossEntropyLoss.Instance, gradients, new float[1], logits,
            new FloatActivations(new Dictionary<int, float[]> { [1] = [0, 2, 0] }));
        double sum = Math.Exp(0) + Math.Exp(2) + Math.Exp(0);
        Assert.Equal([0, 2, 0], logits);
        Assert.Equal([0f, (float)(Math.Exp(2) / sum), 0f], gradients);
    }

    [Fact]
    public void StraightThrough_GivenPoolInput_DecidesWhoWins()
    {
        FloatNetwork network = new NetworkBuilder("n", new(1, 1, 4)).Conv(1, 1)
            .MaxPool(1).Flatten().Dense(2).Build();
        network = new("n", network.Input,
        [
            network.Layers[0],
            new MaxPool2dLayer("pool", [1], new(1, 4, 1, 4)),
            network.Layers[2],
            new DenseLayer("dense", [3], 2, [1, -1], [0, 0]),
        ]);
        network.Layers[0].Parameters[0][0] = 2;
        using var model = new ManagedGradientModel(network, 1);
        float[] gradients = new float[4];
        model.Gradients(
            [0.9f, 0, 0, 0], [1], CrossEntropyLoss.Instance, gradients, new float[1], new float[2],
            new FloatActivations(
                new Dictionary<int, float[]> { [1] = [0, 0, 5, 0], [4] = [0, 0] }));
        Assert.Equal([0, 0, 2, 0], gradients);
    }

    /// <summary>No value lies outside of a scale that its own image decided.</summary>
    [Fact]
    public void StraightThrough_ScaleOfEachImage_PassesEverywhere()
    {
        float[] weights = [1, -2, 3, 0.5f, 0, 1, -1, 2];
        var network = new FloatNetwork("n", new(4),
        [
            new DynamicQuantizeLayer("quantize", [0]),
            new DenseLayer("dense", [1], 2, weights, [0, 0.5f]),
        ]);
        using var model = new ManagedGradientModel(network, 1);
        float[] images = [0.1f, 0.9f, 0.33f, -0.5f, 0, 0, 0, 0, 1e-3f, 2e-3f, 0, 5e-4f];
        float[] gradients = new float[12], logits = new float[6];
        model.Gradients(
            images, [0, 1, 1], CrossEntropyLoss.Instance, gradients, new float[3], logits,
            FloatActivations.None);
        for (int image = 0; image < 3; image++)
        {
            float[] expected = FloatForward.Run(network, images.AsSpan(4 * image, 4))[^1];
            AssertClose(expected, logits[(2 * image)..((2 * image) + 2)]);
            double first = 1 / (1 + Math.Exp(expected[1] - expected[0]));
            double slope = first - (image == 0 ? 1 : 0);
            AssertClose(
                [.. Enumerable.Range(0, 4).Select(i => (float)(
                    slope * (weights[i] - weights[4 + i])))],
                gradients[(4 * image)..((4 * image) + 4)]);
        }
    }

    [Fact]
    public void StraightThrough_WrongLength_IsRefused()
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        using var model = new ManagedGradientModel(network, 1);
        Assert.Throws<ArgumentException>(() => Gradients(
            model, network, TestNetworks.Images(network, Count), new() { [2] = new float[3] }));
    }

    private static (float[] Gradients, float[] Logits) Gradients(
        ManagedGradientModel model, FloatNetwork network, float[] images,
        Dictionary<int, float[]>? activations)
    {
        float[] gradients = new float[images.Length], logits = new float[Count * network.Classes];
        int[] labels = TestNetworks.Labels(network, Count);
        model.Gradients(
            images, labels, CrossEntropyLoss.Instance, gradients, new float[Count], logits,
            activations is null ? null : new FloatActivations(activations));
        return (gradients, logits);
    }

    /// <summary>Every layer's activations, from the plain loops of the specification.</summary>
    private static Dictionary<int, float[]> OwnActivations(FloatNetwork network, float[] images)
    {
        float[][][] tensors = [.. Enumerable.Range(0, Count).Select(i => FloatForward.Run(
            network, images.AsSpan(i * network.Input.Length, network.Input.Length)))];
        return Enumerable.Range(1, network.Layers.Length).ToDictionary(
            t => t, t => tensors.SelectMany(image => image[t]).ToArray());
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        float scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= 1e-5 * scale,
                $"[{i}]: {actual[i]}, not {expected[i]}");
    }
}
