using System.Collections.Immutable;
using QSim.Attacks.Gradients.Training;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Quantization;
using AddLayer = QSim.Simulator.Networks.AddLayer;
using ConcatLayer = QSim.Simulator.Networks.ConcatLayer;
using MultiplyLayer = QSim.Simulator.Networks.MultiplyLayer;
using RearrangeLayer = QSim.Simulator.Networks.RearrangeLayer;
using SoftmaxLayer = QSim.Simulator.Networks.SoftmaxLayer;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>Networks of every layer type, drawn from a seed.</summary>
internal static class RandomNetworks
{
    public static FloatNetwork Create(ulong seed)
    {
        var random = new KeyedRandom(seed, RandomPurpose.Shuffle, 0);
        TensorShape input = new(
            1 + random.NextBelow(4), 4 + random.NextBelow(7), 4 + random.NextBelow(7));
        var layers = new List<FloatLayer>();
        TensorShape Shape(int tensor) =>
            tensor == 0
                ? input
                : new FloatNetwork("n", input, [.. layers]).Shape(tensor);
        int steps = 3 + random.NextBelow(6);
        for (int i = 0; i < steps; i++)
            layers.Add(Layer(ref random, layers.Count, Shape, $"l{i}"));
        layers.Add(new FlattenLayer("flatten", [layers.Count]));
        int features = Shape(layers.Count).Length;
        layers.Add(Dense("hidden", layers.Count, features, 11));
        layers.Add(
            random.NextBelow(2) == 0
                ? new SoftmaxLayer("softmax", [layers.Count])
                : new TanhLayer("tanh", [layers.Count]));
        layers.Add(Dense("out", layers.Count, 11, 5));
        var network = new FloatNetwork("n", input, [.. layers]);
        Initializer.KaimingUniform(network, seed);
        return network;
    }

    private static FloatLayer Layer(
        ref KeyedRandom random, int last, Func<int, TensorShape> shape, string name)
    {
        TensorShape from = shape(last);
        int[] alike = [.. Enumerable.Range(0, last + 1).Where(t => shape(t) == from)];
        int other = alike[random.NextBelow(alike.Length)];
        ImmutableArray<int> input = [last];
        switch (random.NextBelow(14))
        {
            case 0: return new ReluLayer(name, input);
            case 1: return new SigmoidLayer(name, input);
            case 2: return new TanhLayer(name, input);
            case 3: return new AddLayer(name, [last, other]);
            case 4 when from.Channels <= 8: return new ConcatLayer(name, [other, last]);
            case 5: return new MaxPool2dLayer(name, input, Window(ref random, from, 1));
            case 6: return new AveragePool2dLayer(name, input, Window(ref random, from, 1));
            case 7:
                return new BatchNormLayer(
                name, input, [.. Enumerable.Range(0, from.Channels).Select(c => 0.5f + c)],
                [.. Enumerable.Range(0, from.Channels).Select(c => 0.1f * c)]);
            case 8:
                return new FakeQuantizeLayer(
                name, input,
                new FakeQuantizer(
                    TensorScale.PowerOfTwo(5), RoundingMode.NearestTiesToEven,
                    ConversionSpec.Into(
                        new FixedFormat(8, 0, true), 0, RoundingMode.NearestTiesToEven,
                        OverflowMode.Saturate)));
            case 9:
                return new RearrangeLayer(
                name, input, new(2, 3, from.Columns),
                [.. Sources(ref random, 6 * from.Columns, from.Length)]);
            case 10: return new MultiplyLayer(name, [last, other]);
            case 11:
                var function = (PointFunction)random.NextBelow(16);
                return new PointLayer(name, input, function, 0.25, 0.875);
            default:
                int groups = random.NextBelow(3) == 0 ? from.Channels : 1;
                WindowGeometry window = Window(ref random, from, groups);
                int filters = groups * (1 + random.NextBelow(groups == 1 ? 19 : 3));
                int depth = from.Channels / groups * window.KernelRows * window.KernelColumns;
                return new Conv2dLayer(
                    name, input, filters, window, new float[filters * depth],
                    new float[filters]);
        }
    }

    private static int[] Sources(ref KeyedRandom random, int count, int length)
    {
        int[] sources = new int[count];
        for (int i = 0; i < count; i++) sources[i] = random.NextBelow(length + 1) - 1;
        return sources;
    }

    /// <summary>A window that fits, with stride, padding and dilation now and then.</summary>
    private static WindowGeometry Window(ref KeyedRandom random, TensorShape from, int groups)
    {
        int rows = 1 + random.NextBelow(Math.Min(3, from.Rows));
        int columns = 1 + random.NextBelow(Math.Min(3, from.Columns));
        bool isPlain = random.NextBelow(2) == 0;
        int dilation = !isPlain && from.Rows > 4 && from.Columns > 4 ? 1 + random.NextBelow(2) : 1;
        return new(
            rows, columns, isPlain ? 1 : 1 + random.NextBelow(2),
            isPlain ? 1 : 1 + random.NextBelow(2), random.NextBelow(rows),
            random.NextBelow(columns), random.NextBelow(rows), random.NextBelow(columns),
            dilation, dilation, groups);
    }

    private static DenseLayer Dense(string name, int input, int features, int outputs) =>
        new(name, [input], outputs, new float[outputs * features], new float[outputs]);
}
