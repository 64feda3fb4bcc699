using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using AddLayer = QSim.Simulator.Networks.AddLayer;
using ConcatLayer = QSim.Simulator.Networks.ConcatLayer;

namespace QSim.Simulator.Tests.Networks.Files;

public class NetworkWriterTests
{
    [Fact]
    public void Write_EveryKindOfLayer_LoadsToTheSameBits()
    {
        float[] Some(int count) => [.. Enumerable.Range(1, count).Select(i => MathF.Sin(i) / 3)];
        var network = new FloatNetwork(
            "every: 'kind' of \"layer\"",
            new(2, 5, 6),
            [
                new Conv2dLayer(
                    "a/b", [0], 4, new(3, 2, 2, 1, 1, 0, 2, 1, 1, 2, 2), Some(24), Some(4)),
                new ReluLayer("relu", [1]),
                new SigmoidLayer("s", [1]),
                new AddLayer("sum", [2, 3]),
                new TanhLayer("t", [4]),
                new ConcatLayer("both", [5, 1]),
                new MaxPool2dLayer("max", [6], new(2, 1, 1, 1, 1, 0)),
                new AveragePool2dLayer("mean", [7], new(2, 2, 2, 2)),
                RearrangeLayer.ChannelsLast("keras", [8], new(8, 1, 2)),
                new FlattenLayer("flat", [9]),
                new DenseLayer("d", [10], 3, Some(3 * 8 * 2), Some(3)),
                new SoftmaxLayer("shares", [11]),
            ]);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-test-");
        (string yaml, byte[] npz) = NetworkWriter.Write(network, "w.npz");
        File.WriteAllText(Path.Combine(folder.FullName, "n.yaml"), yaml);
        File.WriteAllBytes(Path.Combine(folder.FullName, "w.npz"), npz);

        FloatNetwork loaded = NetworkFile
            .Load(Path.Combine(folder.FullName, "n.yaml"), network.Input)
            .Network;
        folder.Delete(recursive: true);

        Assert.Equal(network.Name, loaded.Name);
        Assert.Equal(
            network.Layers.Select(l => (l.Name, l.Kind)),
            loaded.Layers.Select(l => (l.Name, l.Kind)));
        Assert.Equal(
            network.Layers.SelectMany(l => l.Inputs), loaded.Layers.SelectMany(l => l.Inputs));
        Assert.Equal(
            network.Layers.SelectMany(l => l.Parameters).SelectMany(p => p),
            loaded.Layers.SelectMany(l => l.Parameters).SelectMany(p => p));
        float[] image = [.. Enumerable.Range(0, 60).Select(i => i / 60f)];
        Assert.Equal(FloatForward.Run(network, image)[^1], FloatForward.Run(loaded, image)[^1]);
        Assert.Equal(
            (yaml, npz), NetworkWriter.Write(loaded, "w.npz"),
            (a, b) => a.Item1 == b.Item1 && a.Item2.SequenceEqual(b.Item2));
    }

    [Fact]
    public void Write_LayerWithoutAForm_IsRefused()
    {
        var network = new FloatNetwork(
            "n", new(1, 1, 1), [new BatchNormLayer("n", [0], [1], [0])]);

        Assert.Equal(
            "layer 'n' (batch_norm) cannot be written", NetworkWriter.WhyNot(network));
        Assert.Contains(
            "layer 'n' (batch_norm) cannot be written",
            Assert.Throws<NotSupportedException>(
                () => NetworkWriter.Write(network, "w.npz")).Message);
    }
}
