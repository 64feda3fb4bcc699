using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;

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
            QuantizedProgram program = Chip.Quantize(network, images, profile);
            using var hardware = new Simulation(program, BackendList.Find("simd")!);
            using var model = new ManagedGradientModel(network, 2);
            var answer = new StepAnswer(network, count);
            var target = new HardwareClassifier(hardware, profile, model);
            answer.Ask(target, images);
            Assert.Equal(Plainly(hardware, model, network, images).All, answer.All);

            // What is left of a larger question does not show in a smaller one.
            var few = new StepAnswer(network, 3);
            few.Ask(target, images[..(3 * network.Input.Length)]);
            Assert.Equal(answer.Gradients[..few.Gradients.Length], few.Gradients);
            Assert.Equal(answer.Logits[..few.Logits.Length], few.Logits);
        }
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
                var answer = new StepAnswer(network, count);
                model.Gradients(
                    images, answer.Labels, CrossEntropyLoss.Instance, answer.Gradients,
                    answer.Losses, answer.Logits,
                    new FloatActivations(tensors.ToDictionary(t => t, t => Enumerable
                        .Range(0, count).SelectMany(i => reals[(i * (layers + 1)) + t])
                        .ToArray())));
                return answer.Gradients;
            }

            Assert.Equal(Of(given), Of(read));
        }
    }

    private static StepAnswer Plainly(
        Simulation hardware, ManagedGradientModel model, FloatNetwork network, float[] images)
    {
        QuantizedProgram program = hardware.Program;
        RunResult run = hardware.Run(images, RunOptions.Default with
        {
            Taps = [.. Enumerable.Range(1, program.Layers.Length)],
        });
        var answer = new StepAnswer(network, images.Length / network.Input.Length);
        model.Gradients(
            images, answer.Labels, CrossEntropyLoss.Instance, answer.Gradients, answer.Losses,
            answer.Logits,
            new FloatActivations(run.Taps.ToDictionary(
                t => program.Sources[t.Key],
                t => t.Value.Select(raw => Real(raw, program.Tensor(t.Key))).ToArray())));
        for (int i = 0; i < answer.Classes.Length; i++)
            answer.Classes[i] = Simulation.ArgMax(
                run.Outputs.AsSpan(i * network.Classes, network.Classes));
        return answer;

        static float Real(long raw, TensorType type) =>
            (float)(type.Scale * (raw - type.ZeroPoint));
    }
}
