using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench;

/// <summary>
/// A network's shapes with an arithmetic and seeded weights: what the backends run.
/// </summary>
internal static class BenchProgram
{
    public static QuantizedProgram Build(NetworkShape network, BenchArithmetic arithmetic)
    {
        var random = new Random(1);
        TensorType input = Type(new(network.Channels, network.Rows, network.Columns));
        List<ProgramLayer> layers = [];
        List<int> listed = [0];
        TensorType last = input;
        int lastTensor = 0;
        foreach (LayerLine line in network.Layers)
        {
            if (line.Kind == "dense" && last.Shape.Positions > 1)
                Add(
                    new ReshapeLayer(
                        $"flatten{layers.Count}", [lastTensor], Type(new(last.Shape.Length))));
            Add(
                Layer(
                    line, $"{line.Kind}{layers.Count}", lastTensor, last, listed, arithmetic,
                    random));
            listed.Add(lastTensor);
        }

        return new(
            $"{network.Name}, {arithmetic.Name}",
            new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [.. layers]);

        void Add(ProgramLayer layer)
        {
            layers.Add(layer);
            last = layer.Output;
            lastTensor = layers.Count;
        }
    }

    /// <summary>Multiply-accumulates of one image.</summary>
    public static long Macs(QuantizedProgram program) =>
        program.Layers.OfType<MacLayer>().Sum(l => (long)l.Output.Shape.Length * l.Depth);

    /// <summary>Images of what a ReLU leaves: half zeros.</summary>
    public static long[] Inputs(QuantizedProgram program, int images)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, images * program.Input.Type.Shape.Length).Select(
            _ => (long)Math.Max(0, random.Next(-127, 128)))];
    }

    private static ProgramLayer Layer(
        LayerLine line, string name, int tensor, TensorType input, List<int> listed,
        BenchArithmetic arithmetic, Random random)
    {
        TensorShape from = input.Shape;
        switch (line.Kind)
        {
            case "conv":
                int kernel = line.Number(1);
                int stride = line.After("stride", 1);
                int pad = line.After("pad", 0);
                int groups = line.IsDepthwise ? from.Channels : line.After("groups", 1);
                WindowGeometry window = new(
                    kernel, kernel, stride, stride, pad, pad, pad, pad, 1, 1, groups);
                return Mac(name, tensor, input, line.Number(0), window, arithmetic, random);
            case "dense":
                return Mac(name, tensor, input, line.Number(0), new(), arithmetic, random);
            case "maxpool":
                int size = line.Number(0);
                WindowGeometry pool = new(size, size, size, size);
                return new MaxPoolLayer(
                    name, [tensor], Windowed(from.Channels, from, pool), input, pool);
            case "avgpool":
                WindowGeometry all = new(from.Rows, from.Columns);
                return new AveragePoolLayer(
                    name, [tensor], Windowed(from.Channels, from, all), input, all,
                    new(RoundingMode.NearestTiesAway));
            case "add":
                InputScaling whole = new(0, 1);
                return new AddLayer(
                    name,
                    [tensor, listed[line.Number(0)]],
                    input,
                    [whole, whole],
                    new()
                    {
                        Kind = RequantizationKind.Shift,
                        Output = ConversionSpec.Into(
                            new(8, 0, true), 1, RoundingMode.NearestTiesTowardPositive,
                            OverflowMode.Saturate),
                        ClampMin = 0,
                        ClampMax = long.MaxValue,
                    });
            default:
                throw new InvalidDataException($"no layer is called '{line.Kind}'");
        }
    }

    private static MacLayer Mac(
        string name, int tensor, TensorType input, int channels, WindowGeometry window,
        BenchArithmetic arithmetic, Random random)
    {
        int depth = input.Shape.Channels / window.Groups * window.KernelRows * window.KernelColumns;
        return new(
            name, [tensor], Windowed(channels, input.Shape, window), input, window,
            [.. Enumerable.Range(0, channels * depth).Select(_ => random.Next(-127, 128))], 8, true,
            [.. Enumerable.Range(0, channels).Select(_ => (long)random.Next(-1000, 1000))],
            arithmetic.Unit(depth),
            [.. Enumerable.Range(0, channels).Select(c => arithmetic.Requantization(depth, c))]);
    }

    private static TensorType Windowed(int channels, TensorShape from, WindowGeometry window) =>
        Type(new(channels, window.OutputRows(from.Rows), window.OutputColumns(from.Columns)));

    private static TensorType Type(TensorShape shape) => new(shape, 8, true, 1.0 / 64);
}
