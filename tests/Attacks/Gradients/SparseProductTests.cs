using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>
/// A dense layer that reads the image leaves out what a ReLU has cut off; behind a convolution that
/// changes nothing it does not.
/// </summary>
public class SparseProductTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(63, 8)]
    [InlineData(64, 20)]
    [InlineData(65, 1)]
    [InlineData(128, 33)]
    [InlineData(200, 100)]
    public void ImageGradients_ReluBehind_SameBitsAsWithoutLeavingOut(int pixels, int hidden)
    {
        FloatNetwork direct = Start(pixels).Flatten().Dense(hidden).Relu().Dense(4).Build();
        FloatNetwork behind =
            Start(pixels).Conv(1, 1).Flatten().Dense(hidden).Relu().Dense(4).Build();
        using var sparse = new ManagedGradientModel(direct, 2);
        using var whole = new ManagedGradientModel(behind, 2);
        for (ulong seed = 1; seed <= 3; seed++)
        {
            Initializer.KaimingUniform(direct, seed);
            behind.Layers[0].Parameters[0][0] = 1;
            behind.Layers[0].Parameters[1][0] = 0;
            foreach ((FloatLayer from, FloatLayer to) in direct.Layers.Zip(behind.Layers.Skip(1)))
                foreach ((float[] values, float[] copy) in from.Parameters.Zip(to.Parameters))
                    values.CopyTo(copy, 0);
            sparse.Refresh();
            whole.Refresh();
            foreach (int count in new[] { 1, 7, 16, 17, 40 })
                Assert.Equal(Gradients(whole, behind, count), Gradients(sparse, direct, count));
        }
    }

    private static NetworkBuilder Start(int pixels) => new("n", new(1, 1, pixels));

    private static float[] Gradients(ManagedGradientModel model, FloatNetwork network, int count)
    {
        float[] gradients = new float[count * network.Input.Length];
        model.Gradients(
            TestNetworks.Images(network, count), TestNetworks.Labels(network, count),
            CrossEntropyLoss.Instance, gradients, new float[count],
            new float[count * network.Classes]);
        return gradients;
    }
}
