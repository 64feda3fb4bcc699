using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using AddLayer = QSim.Simulator.Networks.AddLayer;
using RearrangeLayer = QSim.Simulator.Networks.RearrangeLayer;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>The norm that quantized networks leave in float32, against differences.</summary>
public class LayerNormGradientTests
{
    private const int Images = 5;
    private const double Distance = 1e-5;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_NormOfRows_AreThoseOfDifferences(bool isReadTwice)
    {
        FloatNetwork network = Network(isReadTwice);
        float[] images = TestNetworks.Images(network, Images);
        int[] labels = TestNetworks.Labels(network, Images);
        float[] gradients = new float[images.Length], logits = new float[Images * 4];
        using var model = new ManagedGradientModel(network, 1);

        model.Gradients(
            images, labels, CrossEntropyLoss.Instance, gradients, new float[Images], logits,
            FloatActivations.None);

        int length = network.Input.Length;
        for (int image = 0; image < Images; image++)
        {
            double[] x =
                [.. images.Skip(image * length).Take(length).Select(v => (double)v)];
            Assert.All(
                DoubleNetwork.Logits(network, x).Zip(logits.Skip(image * 4)),
                p => Assert.Equal(p.First, p.Second, 1e-4));
            Assert.All(
                FloatForward.Run(network, images.AsSpan(image * length, length))[^1]
                    .Zip(logits.Skip(image * 4)),
                p => Assert.Equal(p.First, p.Second, 1e-4f));
            for (int i = 0; i < length; i++)
            {
                double Loss(double by) => DoubleNetwork.CrossEntropy(
                    DoubleNetwork.Logits(network, [.. x.Select((v, k) => k == i ? v + by : v)]),
                    labels[image]);
                double slope = (Loss(Distance) - Loss(-Distance)) / (2 * Distance);
                Assert.Equal(slope, gradients[(image * length) + i], 1e-4);
            }
        }

        Assert.True(gradients.Max(Math.Abs) > 0.05f);
    }

    private static FloatNetwork Network(bool isReadTwice)
    {
        var random = new Random(4);
        float[] Some(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
        int normed = isReadTwice ? 4 : 3;
        return new(
            "n", new(9),
            [
                new DenseLayer("first", [0], 12, Some(108), Some(12)),
                new RearrangeLayer("rows", [1], new(3, 1, 4), [.. Enumerable.Range(0, 12)]),
                new LayerNormLayer("norm", [2], Some(4), Some(4), 0.01f, FloatNormSum.Lanes),
                .. isReadTwice ? [new AddLayer("sum", [3, 2])] : (FloatLayer[])[],
                new FlattenLayer("flat", [normed]),
                new DenseLayer("last", [normed + 1], 4, Some(48), Some(4)),
            ]);
    }
}
