using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

/// <summary>Small networks and images with values that no test has to know.</summary>
internal static class TinyNetworks
{
    /// <summary>
    /// conv 3x3 (padded) - ReLU - max pool - conv 2x2 - ReLU - average pool - flatten - dense.
    /// </summary>
    public static FloatNetwork Convolutional(int seed = 1)
    {
        var random = new Random(seed);
        return new(
            "tiny",
            new(2, 6, 6),
            [
                new Conv2dLayer(
                    "conv1", [0], 4, new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1),
                    Values(random, 4 * 2 * 9), Values(random, 4)),
                new ReluLayer("relu1", [1]),
                new MaxPool2dLayer("pool1", [2], new(2, 2, 2, 2)),
                new Conv2dLayer(
                    "conv2", [3], 6, new(2, 2), Values(random, 6 * 4 * 4), Values(random, 6)),
                new ReluLayer("relu2", [4]),
                new AveragePool2dLayer("pool2", [5], new(2, 2)),
                new FlattenLayer("flatten", [6]),
                new DenseLayer("logits", [7], 3, Values(random, 18), Values(random, 3)),
            ]);
    }

    /// <summary>
    /// Two convolutions of one input, added, a ReLU after it, then both joined along the channels.
    /// </summary>
    public static FloatNetwork Residual(int seed = 3)
    {
        var random = new Random(seed);
        WindowGeometry padded = new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1);
        return new(
            "residual",
            new(2, 5, 5),
            [
                new Conv2dLayer(
                    "conv1", [0], 3, padded, Values(random, 3 * 2 * 9), Values(random, 3)),
                new ReluLayer("relu1", [1]),
                new Conv2dLayer(
                    "conv2", [2], 3, padded, Values(random, 3 * 3 * 9), Values(random, 3)),
                new QSim.Simulator.Networks.AddLayer("add", [2, 3]),
                new ReluLayer("relu2", [4]),
                new QSim.Simulator.Networks.ConcatLayer("concat", [5, 3]),
                new FlattenLayer("flatten", [6]),
                new DenseLayer(
                    "logits", [7], 3, [.. Values(random, 450).Select(v => v / 4)],
                    Values(random, 3)),
            ]);
    }

    /// <summary>A dense layer and what comes after it.</summary>
    public static FloatNetwork Dense(FloatLayer last, int seed = 5)
    {
        var random = new Random(seed);
        return new("dense", new(8), [
            new DenseLayer("d", [0], 4, Values(random, 32), Values(random, 4)), last]);
    }

    /// <summary>Images with values in [0, 1].</summary>
    public static float[] Images(TensorShape shape, int count, int seed = 2)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, shape.Length * count).Select(_ => random.NextSingle())];
    }

    /// <summary>
    /// Asserts that the program's outputs, made real, are the float network's within a tolerance.
    /// </summary>
    public static void AssertNear(
        FloatNetwork network, QuantizedProgram program, float[] images, double tolerance)
    {
        ReadOnlySpan<float> expected = CalibrationSet
            .Collect(network, images)
            .Values(network.Layers.Length);
        using var simulation = new Simulation(program, new ReferenceBackend());
        long[] raw = simulation.Run(images, RunOptions.Default).Outputs;
        TensorType type = program.Output;
        Assert.Equal(expected.Length, raw.Length);
        for (int i = 0; i < raw.Length; i++)
            Assert.InRange(
                type.Scale * (raw[i] - type.ZeroPoint), expected[i] - tolerance,
                expected[i] + tolerance);
    }

    private static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 1.2f)];
}
