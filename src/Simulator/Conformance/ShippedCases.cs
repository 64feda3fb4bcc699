using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Conformance;

/// <summary>
/// Networks on shipped profiles, as cases to hold a backend against the reference with: what a
/// profile says in YAML reaches the device through the quantizer, as in any study.
/// </summary>
internal static class ShippedCases
{
    private const int Images = 4;

    /// <summary>
    /// Every shipped profile with a network of convolutions and pooling, and with one of every
    /// layer type.
    /// </summary>
    public static IEnumerable<ConformanceCase> All()
    {
        foreach (string profile in ShippedProfiles.Names)
        {
            yield return Case(profile, Convolutional());
            yield return Case(profile, EveryLayer());
        }
    }

    /// <summary>A network with seeded weights on a shipped profile.</summary>
    /// <param name="profile">The profile's name.</param>
    /// <param name="network">The network, its weights by <see cref="Fill"/>.</param>
    public static QuantizedProgram Program(string profile, FloatNetwork network) =>
        Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile)),
            Values(new(17), Images * network.Input.Length, 0, 1));

    /// <summary>Gives a network seeded weights whose sums stay near its activations.</summary>
    public static FloatNetwork Fill(FloatNetwork network)
    {
        // A seed with which even a saturating accumulator of 12 bits tells images apart.
        var choose = new Choices(2);
        foreach (float[] parameters in network.Layers.SelectMany(l => l.Parameters))
            Values(choose, parameters.Length, -0.3f, 0.3f).CopyTo(parameters, 0);
        return network;
    }

    private static ConformanceCase Case(string profile, FloatNetwork network)
    {
        QuantizedProgram program = Program(profile, network);
        return new(
            "shipped profiles", program with { Name = $"{profile}, {network.Name}" },
            ProgramGenerator.Inputs(program, Images, 3), Images);
    }

    private static FloatNetwork Convolutional() => Fill(
        new NetworkBuilder("convolutional", new(2, 8, 8))
            .Conv(12, 3, padding: 1).Relu().MaxPool(2)
            .Conv(6, 3).Relu().AveragePool(2)
            .Flatten().Dense(10).Build());

    /// <summary>A network of every layer type that profiles describe.</summary>
    public static FloatNetwork EveryLayer()
    {
        WindowGeometry padded = new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1);
        return Fill(
            new(
                "every layer",
                new(2, 6, 6),
                [
                    new Conv2dLayer("conv1", [0], 3, padded, new float[54], new float[3]),
                    new ReluLayer("relu1", [1]),
                    new Conv2dLayer("conv2", [2], 3, padded, new float[81], new float[3]),
                    new Networks.AddLayer("add", [2, 3]),
                    new ReluLayer("relu2", [4]),
                    new Networks.ConcatLayer("concat", [5, 3]),
                    new MaxPool2dLayer("maxpool", [6], new(2, 2)),
                    new Conv2dLayer(
                        "depthwise", [7], 6, padded with { Groups = 6 }, new float[54],
                        new float[6]),
                    new SigmoidLayer("sigmoid", [8]),
                    new AveragePool2dLayer("average", [9], new(3, 3, 2, 2)),
                    new TanhLayer("tanh", [10]),
                    new Networks.MultiplyLayer("multiply", [10, 11]),
                    new FlattenLayer("flatten", [12]),
                    new DenseLayer("hidden", [13], 5, new float[120], new float[5]),
                    new Networks.SoftmaxLayer("softmax", [14]),
                    new DenseLayer("logits", [15], 3, new float[15], new float[3]),
                ]));
    }

    private static float[] Values(Choices choose, int count, float low, float high) =>
        [.. Enumerable.Range(0, count).Select(_ => choose.Real(low, high))];
}
