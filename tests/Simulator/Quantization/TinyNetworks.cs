using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;

namespace QSim.Simulator.Tests.Quantization;

/// <summary>Small networks and images with values that no test has to know.</summary>
internal static class TinyNetworks
{
    /// <summary>conv 3x3 (padded) - ReLU - max pool - conv 2x2 - ReLU - average pool - flatten - dense.</summary>
    public static FloatNetwork Convolutional(int seed = 1)
    {
        var random = new Random(seed);
        return new("tiny", new(2, 6, 6), [
            new Conv2dLayer("conv1", [0], 4, new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1),
                Values(random, 4 * 2 * 9), Values(random, 4)),
            new ReluLayer("relu1", [1]),
            new MaxPool2dLayer("pool1", [2], new(2, 2, 2, 2)),
            new Conv2dLayer("conv2", [3], 6, new(2, 2), Values(random, 6 * 4 * 4), Values(random, 6)),
            new ReluLayer("relu2", [4]),
            new AveragePool2dLayer("pool2", [5], new(2, 2)),
            new FlattenLayer("flatten", [6]),
            new DenseLayer("logits", [7], 3, Values(random, 18), Values(random, 3)),
        ]);
    }

    /// <summary>Images with values in [0, 1].</summary>
    public static float[] Images(TensorShape shape, int count, int seed = 2)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, shape.Length * count).Select(_ => random.NextSingle())];
    }

    private static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 1.2f)];
}
