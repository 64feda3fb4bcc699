using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>One gradient step through hardware: the way through narrow buffers.</summary>
public class HardwareStepTests
{
    private static readonly string[] Profiles =
        ["int8-wide", "int8-acc-wrap", "int4", "hls4ml-default", "tflite-int8"];

    public static TheoryData<string> Networks => TestNetworks.Names;

    /// <summary>
    /// Against the plain way: every tensor as longs, dequantized one by one, and all of them given.
    /// </summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Differentiate_EveryProfile_IsWhatTheTensorsGive(string name)
    {
        const int count = 150;
        FloatNetwork network = BatchNormFolding.ForHardware(TestNetworks.Create(name));
        float[] images = TestNetworks.Images(network, count);
        foreach (string profile in name == "softmax" ? ["hls4ml-default"] : Profiles)
        {
            QuantizedProgram program = Quantizer.Quantize(
                network, DatapathCompiler.Compile(ProfileReader.Read(profile)), images);
            using var hardware = new Simulation(program, BackendList.Find("simd")!);
            using var model = new ManagedGradientModel(network, 2);
            var answer = new Answer(network, count);
            var target = new HardwareClassifier(hardware, profile, model);
            answer.Ask(target, images);
            Assert.Equal(Plainly(hardware, model, network, images).All, answer.All);

            // What is left of a larger question does not show in a smaller one.
            var few = new Answer(network, 3);
            few.Ask(target, images[..(3 * network.Input.Length)]);
            Assert.Equal(answer.Gradients[..few.Gradients.Length], few.Gradients);
            Assert.Equal(answer.Logits[..few.Logits.Length], few.Logits);
        }
    }

    [Theory]
    [InlineData("conv-relu-dense", "int8-wide")]
    [InlineData("lenet5", "int8-acc-sat")]
    [InlineData("lenet5", "hls4ml-default")]
    [InlineData("mlp", "int8-wide")]
    public void Differentiate_Again_AllocatesNothing(string name, string profile)
    {
        const int count = 128;
        FloatNetwork network = name == "conv-relu-dense"
            ? new NetworkBuilder(name, new(1, 28, 28))
                .Conv(32, 3, padding: 1).Relu().Flatten().Dense(10).Build()
            : NetworkPresets.Create(name);
        float[] images = TestNetworks.Images(network, count);
        QuantizedProgram program = Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile)),
            images.AsMemory(0, 8 * network.Input.Length));
        using var hardware = new Simulation(program, BackendList.Find("simd")!);
        using var model = new ManagedGradientModel(network, 2);
        var target = new HardwareClassifier(hardware, profile, model);
        var answer = new Answer(network, count);

        // All threads are counted, those of other tests too: the least of some steps.
        long here = long.MaxValue, everywhere = long.MaxValue;
        for (int step = 0; step < 30 && everywhere > 0; step++)
        {
            long all = GC.GetTotalAllocatedBytes(true), own = Own();
            answer.Ask(target, images);
            here = Math.Min(here, Own() - own);
            everywhere = Math.Min(everywhere, GC.GetTotalAllocatedBytes(true) - all);
        }

        Assert.InRange(here, 0, 512);
        Assert.InRange(everywhere, 0, 64 * 1024);

        static long Own() => GC.GetAllocatedBytesForCurrentThread();
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Reads_SomeTensorsGiven_ChangeNothingLeftOut(string name)
    {
        FloatNetwork network = TestNetworks.Create(name);
        const int count = 5;
        float[] images = TestNetworks.Images(network, count);
        using var model = new ManagedGradientModel(network, 1);
        int layers = network.Layers.Length;
        for (int every = 1; every <= 3; every++)
        {
            int[] given = [.. Enumerable.Range(1, layers).Where(t => t % every == 0)];
            int[] read = [.. model.Reads(given)];
            Assert.Subset(given.ToHashSet(), read.ToHashSet());
            Assert.Equal(given.Contains(layers), read.Contains(layers));
            float[][] reals = [.. Enumerable.Range(0, count).Select(i => FloatForward.Run(
                network, images.AsSpan(i * network.Input.Length, network.Input.Length)))
                .SelectMany(tensors => tensors)];
            float[] Of(int[] tensors)
            {
                var answer = new Answer(network, count);
                model.StraightThroughGradients(
                    images, answer.Labels, CrossEntropyLoss.Instance,
                    new FloatActivations(tensors.ToDictionary(t => t, t => Enumerable
                        .Range(0, count).SelectMany(i => reals[(i * (layers + 1)) + t])
                        .ToArray())),
                    answer.Gradients, answer.Losses, answer.Logits);
                return answer.Gradients;
            }

            Assert.Equal(Of(given), Of(read));
        }
    }

    private static Answer Plainly(
        Simulation hardware, ManagedGradientModel model, FloatNetwork network, float[] images)
    {
        QuantizedProgram program = hardware.Program;
        RunResult run = hardware.Run(images, RunOptions.Default with
        {
            Taps = [.. Enumerable.Range(1, program.Layers.Length)],
        });
        var answer = new Answer(network, images.Length / network.Input.Length);
        model.StraightThroughGradients(
            images, answer.Labels, CrossEntropyLoss.Instance,
            new FloatActivations(run.Taps.ToDictionary(
                t => program.Sources[t.Key],
                t => t.Value.Select(raw => Real(raw, program.Tensor(t.Key))).ToArray())),
            answer.Gradients, answer.Losses, answer.Logits);
        for (int i = 0; i < answer.Classes.Length; i++)
            answer.Classes[i] = Simulation.ArgMax(
                run.Outputs.AsSpan(i * network.Classes, network.Classes));
        return answer;

        static float Real(long raw, TensorType type) =>
            (float)(type.Scale * (raw - type.ZeroPoint));
    }

    private sealed class Answer(FloatNetwork network, int count)
    {
        private readonly long[] _indices = [.. Enumerable.Range(0, count)];

        public int[] Labels { get; } = TestNetworks.Labels(network, count);

        public float[] Gradients { get; } = new float[count * network.Input.Length];

        public float[] Losses { get; } = new float[count];

        public float[] Logits { get; } = new float[count * network.Classes];

        public int[] Classes { get; } = new int[count];

        public IEnumerable<float> All =>
            [.. Gradients, .. Losses, .. Logits, .. Classes.Select(c => (float)c)];

        public void Ask(HardwareClassifier target, float[] images) => target.Differentiate(
            images, _indices, Labels, CrossEntropyLoss.Instance, new()
            {
                Gradients = Gradients,
                Losses = Losses,
                Logits = Logits,
                Classes = Classes,
            });
    }
}
