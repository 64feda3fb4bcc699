using System.Collections.Immutable;
using QSim.Attacks.Gradients.Training;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using AddLayer = QSim.Simulator.Networks.AddLayer;
using ConcatLayer = QSim.Simulator.Networks.ConcatLayer;
using MultiplyLayer = QSim.Simulator.Networks.MultiplyLayer;
using RearrangeLayer = QSim.Simulator.Networks.RearrangeLayer;
using SoftmaxLayer = QSim.Simulator.Networks.SoftmaxLayer;

namespace QSim.Attacks.Tests.Gradients;

/// <summary>
/// Networks that between them cover every layer type and geometry, with random parameters.
/// </summary>
internal static class TestNetworks
{
    public static TheoryData<string> Names => [.. All.Keys];

    private static readonly Dictionary<string, Func<FloatNetwork>> All = new()
    {
        ["dense"] = () => new NetworkBuilder("n", new(13)).Dense(7).Build(),
        ["dense_few"] = () => new NetworkBuilder("n", new(2)).Dense(1).Relu().Dense(2).Build(),
        ["mlp"] = () =>
            new NetworkBuilder("n", new(1, 3, 5)).Flatten().Dense(19).Relu().Dense(4).Build(),
        ["conv"] = () => Head(Start(2, 6, 7).Conv(3, 3)),
        ["conv_one_position"] = () => Head(Start(3, 1, 1).Conv(4, 3, padding: 1).Conv(9, 1)),
        ["conv_padded"] = () => Head(Start(2, 6, 7).Conv(5, 3, padding: 1)),
        ["conv_strided"] = () => Head(Start(2, 7, 9).Conv(4, 3, stride: 2, padding: 1)),
        ["conv_1x1"] = () => Head(Start(3, 4, 5).Conv(7, 1)),
        ["conv_1x1_strided"] = () => Head(Start(3, 5, 5).Conv(6, 1, stride: 2)),
        ["conv_dilated"] = () =>
            Head(
                Start(2, 7, 8)
                    .Conv(
                        3,
                        new WindowGeometry(
                            3, 2, 1, 1, 1, 2, 0, 1, DilationRows: 2, DilationColumns: 3)
                    )
            ),
        ["conv_uneven"] = () =>
            Head(Start(2, 9, 8).Conv(3, new WindowGeometry(2, 3, 3, 2, 0, 2, 1, 0))),
        ["conv_groups"] = () => Head(Start(6, 5, 4).Conv(4, 3, padding: 1, groups: 2)),
        ["conv_depthwise"] = () => Head(Start(5, 6, 6).Conv(10, 3, padding: 1, groups: 5)),
        ["conv_long_rows"] = () => Head(Start(3, 5, 19).Conv(10, 3, padding: 1).Relu().Conv(6, 2)),
        ["conv_long_rows_groups"] = () => Head(Start(4, 3, 9).Conv(14, 3, padding: 1, groups: 2)),
        ["conv_long_rows_dilated"] = () => Head(Start(2, 8, 17).Conv(5, new WindowGeometry(
            2, 3, 1, 1, 0, 2, 1, 1, DilationRows: 3, DilationColumns: 2))),
        ["conv_long_rows_wide_padding"] = () => Head(Start(1, 2, 9).Conv(2, 2, padding: 2)),
        ["conv_long_rows_strided"] = () =>
            Head(Start(2, 6, 20).Conv(4, new WindowGeometry(3, 3, 2, 1))),
        ["conv_nine_columns"] = () => Head(
            Start(1, 3, 21).Conv(3, new WindowGeometry(3, 9, 1, 1, 1, 4, 1, 4)).Relu()
                .Conv(2, new WindowGeometry(1, 11, 1, 1, 0, 2, 0, 9))),
        ["conv_padding_beside"] = () => Head(
            Start(2, 2, 5).Conv(3, new WindowGeometry(1, 3, 1, 1, 0, 65, 0, 1)).Relu()
                .Conv(3, new WindowGeometry(2, 60, 1, 1, 0, 9, 1, 70))),
        ["conv_padding_edge"] = () => Head(
            Start(1, 1, 9).Conv(3, new WindowGeometry(1, 2, 1, 1, 0, 64, 0, 53)).Relu()
                .Conv(2, new WindowGeometry(1, 3, 1, 1, 0, 0, 0, 50))),
        ["dense_wide"] = () => new NetworkBuilder("n", new(37)).Dense(33).Relu().Dense(11).Build(),
        ["max_pool_cut"] = () => Head(Start(2, 7, 9).MaxPool(2)),
        ["conv_eight_and_nine"] = () =>
            Head(Start(8, 3, 4).Conv(9, 3, padding: 1).Relu().Conv(8, 1).Conv(16, 2)),
        ["conv_wide_padding"] = () => Head(Start(1, 2, 2).Conv(2, 3, padding: 3)),
        ["max_pool"] = () => Head(Start(2, 6, 7).MaxPool(2)),
        ["max_pool_overlapping"] = () => Head(Start(2, 7, 7).MaxPool(3, 2, 1)),
        ["average_pool"] = () => Head(Start(2, 6, 7).AveragePool(2)),
        ["average_pool_padded"] = () => Head(Start(2, 7, 7).AveragePool(3, 2, 1)),
        ["two_convs"] = () =>
            Head(Start(1, 8, 8).Conv(6, 3, padding: 1).Relu().MaxPool(2).Conv(9, 3).Relu()),
        ["fan_out"] = FanOut,
        ["sigmoid"] = () => Between(input => new SigmoidLayer("f", input)),
        ["tanh"] = () => Between(input => new TanhLayer("f", input)),
        ["softmax"] = () => Between(input => new SoftmaxLayer("f", input)),
        ["residual"] = Residual,
        ["rearrange"] = () => Between(input => new RearrangeLayer(
            "f", input, new(6), [3, -1, 0, 0, 5, 3])),
        ["multiply"] = () => Between(input => new MultiplyLayer("f", [input[0], input[0]])),
        ["clip"] = () => Between(i => new PointLayer("f", i, PointFunction.Clip, -0.25, 0.375)),
        ["leaky_relu"] = () => Between(i => new PointLayer("f", i, PointFunction.LeakyRelu, 0.1)),
        ["elu"] = () => Between(i => new PointLayer("f", i, PointFunction.Elu, 0.8)),
        ["selu"] = () => Between(i => new PointLayer("f", i, PointFunction.Selu, 1.6, 1.1)),
        ["celu"] = () => Between(i => new PointLayer("f", i, PointFunction.Celu, 0.7)),
        ["thresholded_relu"] = () =>
            Between(i => new PointLayer("f", i, PointFunction.ThresholdedRelu, 0.125)),
        ["hard_sigmoid"] = () =>
            Between(i => new PointLayer("f", i, PointFunction.HardSigmoid, 0.8, 0.5)),
        ["hard_swish"] = () => Between(i => new PointLayer("f", i, PointFunction.HardSwish)),
        ["silu"] = () => Between(i => new PointLayer("f", i, PointFunction.Silu, 1)),
        ["gelu"] = () => Between(i => new PointLayer("f", i, PointFunction.Gelu)),
        ["gelu_tanh"] = () => Between(i => new PointLayer("f", i, PointFunction.GeluTanh)),
        ["erf"] = () => Between(i => new PointLayer("f", i, PointFunction.Erf)),
        ["softplus"] = () => Between(i => new PointLayer("f", i, PointFunction.Softplus)),
        ["softsign"] = () => Between(i => new PointLayer("f", i, PointFunction.Softsign)),
        ["mish"] = () => Between(i => new PointLayer("f", i, PointFunction.Mish)),
        ["abs"] = () => Between(i => new PointLayer("f", i, PointFunction.Abs)),
        ["sqrt"] = () => Between(i => new PointLayer("f", i, PointFunction.SquareRoot)),
        ["inverse_sqrt"] = () =>
            Between(i => new PointLayer("f", i, PointFunction.InverseRoot, 4)),
        ["reciprocal"] = Reciprocal,
    };

    public static FloatNetwork Create(string name, ulong seed = 7)
    {
        FloatNetwork network = All[name]();
        float[][] norms =
        [
            .. network
                .Layers.OfType<BatchNormLayer>()
                .SelectMany(l => l.Parameters)
                .Select(p => (float[])[.. p]),
        ];
        Initializer.KaimingUniform(network, seed);
        foreach (
            (float[] to, float[] from) in network
                .Layers.OfType<BatchNormLayer>()
                .SelectMany(l => l.Parameters)
                .Zip(norms)
        )
            from.CopyTo(to, 0);
        return network;
    }

    public static float[] Images(FloatNetwork network, int count, ulong seed = 3)
    {
        float[] images = new float[count * network.Input.Length];
        for (int i = 0; i < count; i++)
        {
            var random = new KeyedRandom(seed, RandomPurpose.AttackStart, i);
            for (int j = 0; j < network.Input.Length; j++)
                images[(i * network.Input.Length) + j] = random.NextFloat();
        }

        return images;
    }

    public static int[] Labels(FloatNetwork network, int count) =>
        [.. Enumerable.Range(0, count).Select(i => i * 7 % network.Classes)];

    private static NetworkBuilder Start(int channels, int rows, int columns) =>
        new("n", new(channels, rows, columns));

    private static NetworkBuilder Flat(NetworkBuilder builder) => builder.Flatten().Dense(5);

    private static FloatNetwork Head(NetworkBuilder builder) => Flat(builder).Build();

    /// <summary>Tensors read twice, and a layer that nobody reads.</summary>
    private static FloatNetwork FanOut()
    {
        FloatNetwork chain = Start(2, 5, 5)
            .Conv(3, 3, padding: 1)
            .Relu()
            .Conv(3, 3, padding: 1)
            .Flatten()
            .Dense(4)
            .Build();
        ImmutableArray<FloatLayer> layers = chain.Layers;
        return new("n", chain.Input,
        [
            layers[0],
            layers[1],
            layers[2] with { Inputs = [1] },
            new ReluLayer("unread", [3]),
            layers[3] with { Inputs = [2] },
            layers[4] with { Inputs = [5] },
        ]);
    }

    private static FloatNetwork Between(Func<ImmutableArray<int>, FloatLayer> create)
    {
        FloatNetwork chain = new NetworkBuilder("n", new(9)).Dense(6).Dense(4).Build();
        return new(
            "n", chain.Input,
            [chain.Layers[0], create([1]), chain.Layers[1] with { Inputs = [2] }]);
    }

    /// <summary>Of a sigmoid: near 0 its slope makes of float32's last bit whole numbers.</summary>
    private static FloatNetwork Reciprocal()
    {
        FloatNetwork chain = new NetworkBuilder("n", new(9)).Dense(6).Dense(4).Build();
        return new(
            "n", chain.Input,
            [
                chain.Layers[0], new SigmoidLayer("s", [1]),
                new PointLayer("f", [2], PointFunction.Reciprocal),
                chain.Layers[1] with { Inputs = [3] },
            ]);
    }

    /// <summary>
    /// Batch norm, a residual sum with the image, and a concatenation that has the image in it too.
    /// </summary>
    private static FloatNetwork Residual()
    {
        ImmutableArray<FloatLayer> layers =
            Start(3, 4, 5).Conv(3, 3, padding: 1).Conv(2, 1).Build().Layers;
        float[] weight = new float[4 * 8 * 20];
        return new("n", new(3, 4, 5),
        [
            layers[0],
            new BatchNormLayer("norm", [1], [0.5f, -1.5f, 2], [0.1f, 0.2f, -0.3f]),
            new AddLayer("add", [2, 0]),
            new ReluLayer("relu", [3]),
            layers[1] with { Inputs = [4] },
            new ConcatLayer("concat", [5, 0, 4]),
            new FlattenLayer("flatten", [6]),
            new DenseLayer("dense", [7], 4, weight, new float[4]),
        ]);
    }
}
