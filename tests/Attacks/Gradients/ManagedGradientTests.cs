using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Gradients;

public class ManagedGradientTests
{
    private const int Count = 29;
    private const double Step = 1e-6;

    public static TheoryData<string> Networks => TestNetworks.Names;

    [Theory]
    [MemberData(nameof(Networks))]
    public void Logits_EveryLayer_EqualDoubleForwardPass(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        float[] images = TestNetworks.Images(network, Count);
        float[] logits = new float[Count * network.Classes];
        using var model = new ManagedGradientModel(network, 2);
        model.Logits(images, Count, logits);
        for (int i = 0; i < Count; i++)
            AssertClose(
                DoubleNetwork.Logits(network, Image(network, images, i)), Slice(logits, i), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_EveryLayer_EqualCentralDifferences(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        int count = 5;
        Result result = Differentiate(network, count, threads: 2);
        for (int i = 0; i < count; i++)
        {
            double[] image = Image(network, result.Images, i);
            int label = result.Labels[i];
            double[] expected = CentralDifferences(
                image,
                () => DoubleNetwork.CrossEntropy(DoubleNetwork.Logits(network, image), label));
            AssertClose(expected, Slice(result.Gradients, i, count), 1e-5);
            Assert.Equal(
                DoubleNetwork.CrossEntropy(DoubleNetwork.Logits(network, image), label),
                result.Losses[i], 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void ParameterGradients_EveryLayer_EqualCentralDifferences(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        int count = 9;
        float[] images = TestNetworks.Images(network, count);
        int[] labels = TestNetworks.Labels(network, count);
        using var model = new ManagedGradientModel(network, 2);
        float[] gradients = new float[model.ParameterCount];
        model.ParameterGradients(
            images, labels, CrossEntropyLoss.Instance, gradients, new float[count],
            new float[count * network.Classes]);
        double[][] parameters =
        [
            .. network
                .Layers.SelectMany(l => l.Parameters)
                .Select(p => p.Select(v => (double)v).ToArray()),
        ];
        double Loss() =>
            Enumerable
                .Range(0, count)
                .Sum(i =>
                    DoubleNetwork.CrossEntropy(
                        DoubleNetwork.Logits(network, Image(network, images, i), parameters),
                        labels[i])
                );

        // Of long arrays every so many parameters, the first and last row among them.
        int at = 0;
        List<double> expected = [];
        List<float> actual = [];
        foreach (double[] array in parameters)
        {
            int[] chosen =
            [
                .. Enumerable.Range(0, array.Length).Where(j => j % ((array.Length / 60) + 1) == 0),
            ];
            expected.AddRange(CentralDifferences(array, Loss, chosen));
            actual.AddRange(chosen.Select(j => gradients[at + j]));
            at += array.Length;
        }

        AssertClose([.. expected], [.. actual], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_AnyThreadsAndBatches_GiveTheSameBits(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        Result expected = Differentiate(network, Count, threads: 1);
        foreach (int threads in new[] { 2, 3, 7 })
            Assert.Equal(expected.Gradients, Differentiate(network, Count, threads).Gradients);
        using var model = new ManagedGradientModel(network, 2);
        foreach (int batch in new[] { 1, 2, 5, 25 })
            for (int first = 0; first < Count; first += batch)
            {
                int size = Math.Min(batch, Count - first),
                    length = network.Input.Length;
                float[] gradients = new float[size * length],
                    logits = new float[size * network.Classes];
                model.Gradients(
                    expected.Images.AsSpan(first * length, size * length),
                    expected.Labels.AsSpan(first, size), CrossEntropyLoss.Instance, gradients,
                    new float[size], logits);
                Assert.Equal(
                    expected.Gradients[(first * length)..((first + size) * length)], gradients);
                Assert.Equal(
                    expected.Logits[(first * network.Classes)..((first + size) * network.Classes)],
                    logits);
            }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void ParameterGradients_AnyThreads_GiveTheSameBits(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        float[][] results =
        [
            .. new[] { 1, 2, 5 }.Select(threads =>
            {
                using var model = new ManagedGradientModel(network, threads);
                float[] gradients = new float[model.ParameterCount];
                model.ParameterGradients(
                    TestNetworks.Images(network, Count), TestNetworks.Labels(network, Count),
                    CrossEntropyLoss.Instance, gradients, new float[Count],
                    new float[Count * network.Classes]);
                return gradients;
            }),
        ];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void Gradients_SteadyState_AllocateNothing()
    {
        FloatNetwork network = TestNetworks.Create("two_convs");
        float[] images = TestNetworks.Images(network, Count), gradients = new float[images.Length];
        float[] losses = new float[Count], logits = new float[Count * network.Classes];
        int[] labels = TestNetworks.Labels(network, Count);
        using var model = new ManagedGradientModel(network, 1);
        void Once() =>
            model.Gradients(images, labels, CrossEntropyLoss.Instance, gradients, losses, logits);
        for (int i = 0; i < 5; i++)
            Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Result Differentiate(FloatNetwork network, int count, int threads)
    {
        Result result = new(
            TestNetworks.Images(network, count), TestNetworks.Labels(network, count),
            new float[count * network.Input.Length], new float[count],
            new float[count * network.Classes]);
        using var model = new ManagedGradientModel(network, threads);
        model.Gradients(
            result.Images, result.Labels, CrossEntropyLoss.Instance, result.Gradients,
            result.Losses, result.Logits);
        return result;
    }

    private static double[] CentralDifferences(
        double[] at, Func<double> loss, int[]? chosen = null) =>
        [
            .. (chosen ?? [.. Enumerable.Range(0, at.Length)]).Select(j =>
            {
                double kept = at[j];
                at[j] = kept + Step;
                double above = loss();
                at[j] = kept - Step;
                double below = loss();
                at[j] = kept;
                return (above - below) / (2 * Step);
            }),
        ];

    private static double[] Image(FloatNetwork network, float[] images, int i) =>
        [
            .. images
                .Skip(i * network.Input.Length)
                .Take(network.Input.Length)
                .Select(v => (double)v),
        ];

    private static float[] Slice(float[] all, int i, int count = Count) =>
        all[(i * all.Length / count)..((i + 1) * all.Length / count)];

    private static void AssertClose(double[] expected, float[] actual, double tolerance)
    {
        double scale = expected.Max(Math.Abs);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * scale,
                $"[{i}]: {actual[i]}, not {expected[i]}");
    }

    private sealed record Result(
        float[] Images, int[] Labels, float[] Gradients, float[] Losses, float[] Logits);
}
