using QSim.Simulator.Networks;
using QSim.Simulator.Tests.Quantization;

namespace QSim.Simulator.Tests.Networks;

public class BatchNormFoldingTests
{
    private static readonly BatchNormLayer Norm = BatchNormLayer.FromStatistics(
        "norm", [1], [1.5f, -0.7f], [0.2f, 0.1f], [0.3f, -0.4f], [0.9f, 2f]);

    [Fact]
    public void Fold_AfterConvolution_IsTheSameFunctionWithoutTheLayer()
    {
        FloatNetwork network = ConvolutionThenNorm(new ReluLayer("relu", [2]));
        FloatNetwork folded = BatchNormFolding.Fold(network);
        Assert.Equal(["conv", "relu"], folded.Layers.Select(l => l.Name));
        float[] image = TinyNetworks.Images(network.Input, 1);
        float[] expected = FloatForward.Run(network, image)[^1];
        float[] actual = FloatForward.Run(folded, image)[^1];
        Assert.Contains(expected, v => v != 0);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-6);
    }

    [Fact]
    public void Fold_ConvolutionReadTwice_Stays()
    {
        FloatNetwork network = ConvolutionThenNorm(new AddLayer("add", [1, 2]));
        Assert.Equal(3, BatchNormFolding.Fold(network).Layers.Length);
    }

    [Fact]
    public void ForHardware_NormsBeforeTheFirstLayer_BecomeOneConvolutionOfEachChannel()
    {
        var network = new FloatNetwork(
            "n",
            new(2, 3, 3),
            [
                new BatchNormLayer("less", [0], [1, 1], [-0.5f, -0.25f]),
                new BatchNormLayer("times", [1], [4, 2], [0, 1]),
            ]);

        FloatNetwork hardware = BatchNormFolding.ForHardware(network);

        Assert.Equal("depthwise_conv2d", Assert.Single(hardware.Layers).Kind);
        float[] image = TinyNetworks.Images(network.Input, 1);
        float[] expected = FloatForward.Run(network, image)[^1],
            actual = FloatForward.Run(hardware, image)[^1];
        // One rounding to float where there were two.
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-6);
    }

    [Fact]
    public void FromStatistics_IsTheTextbookFormula()
    {
        float[] image = TinyNetworks.Images(new(1, 4, 4), 1);
        float[][] tensors = FloatForward.Run(
            ConvolutionThenNorm(new ReluLayer("relu", [2])), image);
        for (int i = 0; i < 9; i++)
        {
            double expected = ((tensors[1][i] - 0.3) / Math.Sqrt(0.9 + 1e-5) * 1.5) + 0.2;
            Assert.Equal(expected, tensors[2][i], 1e-5);
        }
    }

    private static FloatNetwork ConvolutionThenNorm(FloatLayer last) =>
        new(
            "bn",
            new(1, 4, 4),
            [
                new Conv2dLayer(
                    "conv", [0], 2, new(2, 2), [0.5f, -1f, 0.25f, 2f, -0.3f, 0.8f, 1f, -1.2f],
                    [0.1f, -0.2f]),
                Norm,
                last,
            ]);
}
