using System.Numerics.Tensors;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Gradients;

public class TrainerTests
{
    [SkippableFact]
    public void Train_DigitsCnn_ReachesNinetySevenPercent()
    {
        Skip.IfNot(SharedData.IsPresent, "no shared/ folder beside this checkout");
        (float[] images, int[] labels) = SharedData.Digits();
        FloatNetwork network = NetworkPresets.Create("digits-cnn");

        // Every fourth image is held out: the file is sorted by writer, and its tail alone is
        // harder.
        (float[] trainImages, int[] trainLabels) = Pick(images, labels, i => i % 4 != 0);
        (float[] testImages, int[] testLabels) = Pick(images, labels, i => i % 4 == 0);
        Fit(network, trainImages, trainLabels, epochs: 25, threads: 2);
        using var model = new ManagedGradientModel(network);
        float[] logits = new float[testLabels.Length * 10];
        model.Logits(testImages, testLabels.Length, logits);
        int right = Enumerable.Range(0, testLabels.Length).Count(
            i => TensorPrimitives.IndexOfMax(logits.AsSpan(i * 10, 10)) == testLabels[i]);
        Assert.True(right >= 0.97 * testLabels.Length, $"{right} of {testLabels.Length}");
    }

    [Fact]
    public void Train_AnyThreads_GivesTheSameParameters()
    {
        float[][] parameters =
        [
            .. new[] { 1, 3 }.Select(threads =>
            {
                FloatNetwork network = NetworkPresets.Create("digits-cnn");
                Fit(
                    network, TestNetworks.Images(network, 70), TestNetworks.Labels(network, 70),
                    epochs: 2, threads);
                return network.Layers.SelectMany(l => l.Parameters).SelectMany(p => p).ToArray();
            }),
        ];
        Assert.Equal(parameters[0], parameters[1]);
    }

    [Fact]
    public void Train_Sgd_LearnsTheImagesByHeart()
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        float[] images = TestNetworks.Images(network, 20);
        using var model = new ManagedGradientModel(network, 1);
        IReadOnlyList<EpochReport> reports = Trainer.Train(
            network, model, images, TestNetworks.Labels(network, 20),
            new() { Epochs = 300, BatchSize = 10, Optimizer = new SgdOptimizer(0.1f) });
        Assert.Equal(1.0, reports[^1].Accuracy);
    }

    [Fact]
    public void Train_AfterEpochSaysStop_Stops()
    {
        FloatNetwork network = TestNetworks.Create("mlp");
        using var model = new ManagedGradientModel(network, 1);
        IReadOnlyList<EpochReport> reports = Trainer.Train(
            network, model, TestNetworks.Images(network, 20), TestNetworks.Labels(network, 20),
            new() { Epochs = 9, AfterEpoch = report => report.Epoch < 3 });
        Assert.Equal(3, reports.Count);
    }

    private static (float[] Images, int[] Labels) Pick(
        float[] images, int[] labels, Func<int, bool> wanted)
    {
        int[] chosen = [.. Enumerable.Range(0, labels.Length).Where(wanted)];
        return (
            [.. chosen.SelectMany(i => images[(i * 64)..((i + 1) * 64)])],
            [.. chosen.Select(i => labels[i])]);
    }

    private static void Fit(
        FloatNetwork network, float[] images, int[] labels, int epochs, int threads)
    {
        Initializer.KaimingUniform(network, 1);
        using var model = new ManagedGradientModel(network, threads);
        Trainer.Train(network, model, images, labels, new() { Epochs = epochs });
    }
}
