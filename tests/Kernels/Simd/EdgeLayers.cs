using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Properties;

namespace QSim.Kernels.Tests.Simd;

/// <summary>What keeps a layer's sums short of their edge, and so which planner is asked.</summary>
public enum EdgeKind
{
    /// <summary>16-bit sums of rounded or cut products that wider accumulators gather.</summary>
    Gathered,

    /// <summary>32-bit accumulators that saturate in order.</summary>
    Ordered,

    /// <summary>Accumulators of up to 16 bits.</summary>
    Short,

    /// <summary>Sums of all products, near 32 bits.</summary>
    Whole,

    /// <summary>Every update rounded in any mode, near lanes of 32 or 64 bits.</summary>
    Stepwise,
}

/// <summary>
/// Layers whose sums end near the edge of what a row may do, and inputs that take them there. Most
/// weights are pruned, channels are of very different size, and a few runs of heavy weights stand
/// at random places, some of them taken back right after: where goes, blocks and segments begin
/// decides about such sums, and about those of evenly random weights it hardly ever does.
/// </summary>
internal static class EdgeLayers
{
    private static readonly RoundingMode[] Commuting =
        [.. Enum.GetValues<RoundingMode>().Where(Rounding.CommutesWithWholeSteps)];

    /// <summary>One layer, or one behind a clamp that tells how far its inputs go.</summary>
    public static QuantizedProgram Program(Choices choose, EdgeKind kind)
    {
        MacLayer layer = Layer(choose, kind);
        var stage = new InputStage(
            layer.Input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate);
        var program = new QuantizedProgram($"{kind}", stage, [layer]);
        if (layer.Input.IsSigned && choose.Chance(0.3))
            program = program with
            {
                Layers =
                [
                    new ClampLayer(
                        "clamp", [0], layer.Input, layer.Input.ZeroPoint,
                        choose.Between(layer.Input.ZeroPoint, layer.Input.MaxRaw)),
                    layer with { Inputs = [1] },
                ],
            };
        return ProgramLimits.WhyNot(program) is null ? program : throw new NoCaseException();
    }

    /// <summary>
    /// Images that take some channel up or down as far as it goes, from some step on back again,
    /// and others at random.
    /// </summary>
    public static long[] Inputs(Choices choose, MacLayer layer, int images)
    {
        TensorType type = layer.Input;
        var other = new Choices(choose.Between(0, 1 << 20));
        long[] inputs = new long[images * type.Shape.Length];
        for (int image = 0; image < images; image++)
        {
            int way = choose.Between(0, 5);
            int channel = choose.Between(0, layer.Output.Shape.Channels - 1);
            int back = choose.Chance(0.5) ? layer.Depth : choose.Between(0, layer.Depth);
            bool up = choose.Chance(0.5);
            for (int i = 0; i < type.Shape.Length; i++)
            {
                int step = StepOf(layer, i);
                int weight = layer.Weights[(channel * layer.Depth) + step];
                inputs[(image * type.Shape.Length) + i] = way switch
                {
                    0 => up ? type.MaxRaw : type.MinRaw,
                    1 => other.Raw(type.MinRaw, type.MaxRaw),
                    _ => weight > 0 == (up == step < back) ? type.MaxRaw : type.MinRaw,
                };
            }
        }

        return inputs;
    }

    /// <summary>Some weight that meets a place of an image, as it lies in its filter.</summary>
    private static int StepOf(MacLayer layer, int place)
    {
        (TensorShape from, WindowGeometry window) = (layer.Input.Shape, layer.Geometry);
        int channel = place / from.Positions % (from.Channels / window.Groups);
        int row = place % from.Positions / from.Columns % window.KernelRows;
        int column = place % from.Columns % window.KernelColumns;
        return (((channel * window.KernelRows) + row) * window.KernelColumns) + column;
    }

    private static MacLayer Layer(Choices choose, EdgeKind kind)
    {
        bool dense = choose.Chance(0.7);
        TensorShape from = dense
            ? new(choose.Of(choose.Between(1, 40), choose.Between(48, 110), choose.Between(1, 257)))
            : new(choose.Between(1, 16), choose.Between(1, 6), choose.Between(1, 6));
        WindowGeometry window = dense ? new() : RandomWindow.Of(choose, from, choose.Chance(0.5));
        int channels = window.Groups * choose.Of(1, choose.Between(1, 4), choose.Between(1, 33));
        TensorType input = Operand(choose, from);
        var output = new TensorType(
            new(channels, window.OutputRows(from.Rows), window.OutputColumns(from.Columns)),
            choose.Of(16, 16, 8), true, 1);
        var weight = new FixedFormat(choose.Of(8, choose.Between(2, 12)), 0, true);
        int depth = window.Depth(from.Channels);
        int[] weights = Weights(choose, channels, depth, weight);
        int offset = choose.Chance(0.5) ? input.ZeroPoint : 0;
        MacSpec mac = Unit(choose, kind, weights, depth, input, offset);
        Requantization[] scaled =
        [
            choose.Chance(0.7)
                ? Shifted(choose, mac.Update.Bits, output)
                : Requantizations.Of(choose, mac.Update.Bits, output),
        ];
        var biases = new Choices(choose.Between(0, 1 << 20));
        int bias = choose.Of(0, 1, 2, 5);
        return new(
            "layer", [0], output, input, window, [.. weights], weight.TotalBits, true,
            [
                .. Enumerable.Range(0, channels).Select(
                    _ => biases.Raw(mac.Update.Min, mac.Update.Max) >> bias),
            ],
            mac, [.. Enumerable.Range(0, channels).SelectMany(_ => scaled)]);
    }

    private static TensorType Operand(Choices choose, TensorShape shape)
    {
        TensorType type = new(
            shape, choose.Of(8, choose.Between(2, 10)), choose.Chance(0.5), 1);
        return choose.Chance(0.3)
            ? type with { ZeroPoint = (int)choose.Raw(type.MinRaw, type.MaxRaw) }
            : type;
    }

    private static int[] Weights(Choices choose, int channels, int depth, FixedFormat type)
    {
        var noise = new Choices(choose.Between(0, 1 << 20));
        int most = (int)type.MaxRaw;
        int[] weights = new int[channels * depth];
        double kept = choose.Of(0, 0.1, 0.6, 1);
        for (int channel = 0; kept > 0 && channel < channels; channel++)
        {
            int size = most >> noise.Between(0, 6);
            for (int step = 0; step < depth; step++)
                if (noise.Chance(kept))
                    weights[(channel * depth) + step] = noise.Between(-size, size);
        }

        for (int run = choose.Between(0, 2 * Math.Min(channels, 4)); run > 0; run--)
            Run(choose, weights.AsSpan(choose.Between(0, channels - 1) * depth, depth), type);
        return weights;
    }

    /// <summary>A run of one weight, in every step or every second, then perhaps its negative.</summary>
    private static void Run(Choices choose, Span<int> weights, FixedFormat type)
    {
        int most = (int)type.MaxRaw;
        int first = choose.Between(0, weights.Length - 1);
        int length = choose.Of(
            choose.Between(1, 4), choose.Between(1, 24), choose.Between(1, weights.Length));
        int weight = choose.Of(most, -most, (int)type.MinRaw, choose.Between(-most, most));
        int apart = choose.Of(1, 2);
        int back = choose.Chance(0.5) ? length : 0;
        for (int i = 0, step = first; i < length + back && step < weights.Length; i++)
        {
            weights[step] = i < length ? weight : Math.Min(-weight, most);
            step += apart;
        }
    }

    private static MacSpec Unit(
        Choices choose, EdgeKind kind, int[] weights, int depth, TensorType input, int offset)
    {
        long low = input.MinRaw - offset, high = input.MaxRaw - offset;
        long product = weights.Max(w => Math.Max(Math.Abs(w * low), Math.Abs(w * high)));
        long sum = weights.Chunk(depth).Max(
            channel => channel.Sum(w => Math.Max(Math.Abs(w * low), Math.Abs(w * high))));
        (int productBits, int sumBits) = (BitsOf(product), BitsOf(sum));
        OverflowMode saturates = choose.Of(OverflowMode.Saturate, OverflowMode.SaturateSymmetric);
        bool wraps = choose.Chance(0.6);
        int shift = kind switch
        {
            EdgeKind.Gathered => Math.Clamp(productBits - 13 + choose.Between(0, 3), 1, 15),
            EdgeKind.Short when choose.Chance(0.5) =>
                Math.Clamp(productBits - 15 + choose.Between(0, 6), 0, 15),
            EdgeKind.Stepwise => choose.Between(1, 14),
            _ => 0,
        };
        int bits = kind switch
        {
            EdgeKind.Gathered => Math.Clamp(sumBits - shift + choose.Between(0, 6), 17, 32),
            EdgeKind.Ordered => Math.Clamp(sumBits - choose.Between(0, 5), 17, 31),
            EdgeKind.Short => choose.Between(4, 16),
            EdgeKind.Whole => Math.Clamp(sumBits + choose.Between(-6, 2), 2, 34),
            EdgeKind.Stepwise => choose.Of(32, 64) - shift - choose.Between(0, 4),
        };
        bool converts = kind is EdgeKind.Gathered or EdgeKind.Short && choose.Chance(0.4);
        RoundingMode rounding = kind == EdgeKind.Stepwise
            ? choose.OfEnum<RoundingMode>()
            : choose.Of(Commuting);
        return new MacSpec
        {
            ProductStage = converts ? ProductStage.Converted : ProductStage.Exact,
            Product = converts
                ? ConversionSpec.Into(
                    new(Math.Max(2, productBits - shift + choose.Between(-1, 3)), 0, true), shift,
                    rounding, choose.Of(OverflowMode.Wrap, OverflowMode.Saturate))
                : default,
            AccumulatorAlign = converts ? 0 : shift,
            PartialAlign = shift == 0 && choose.Chance(0.2) ? choose.Between(1, 3) : 0,
            Update = ConversionSpec.Into(
                new(bits, 0, true), converts ? 0 : shift, rounding, kind switch
                {
                    EdgeKind.Ordered => saturates,
                    EdgeKind.Gathered or EdgeKind.Short when wraps => OverflowMode.Wrap,
                    EdgeKind.Gathered or EdgeKind.Short => saturates,
                    _ => choose.Of(Enum.GetValues<OverflowMode>()),
                }),
            Lanes = kind == EdgeKind.Whole
                ? choose.Of(0, 1, 2, 16)
                : choose.Of(1, 1, 1, 1, choose.Between(2, 9)),
            Order = choose.OfEnum<ReductionOrder>(),
            Interleave = choose.Between(1, 4),
            When = kind == EdgeKind.Whole && choose.Chance(0.3)
                ? AccumulatorUpdate.End
                : AccumulatorUpdate.EveryUpdate,
            Bias = choose.OfEnum<BiasPosition>(),
            InputOffset = offset,
        };
    }

    /// <summary>Bits of a signed number of this magnitude.</summary>
    private static int BitsOf(long magnitude) => (int)long.Log2(Math.Max(1, magnitude)) + 2;

    /// <summary>The accumulator's upper or lower bits as they are, or what saturates.</summary>
    private static Requantization Shifted(Choices choose, int bits, TensorType output) => new()
    {
        Kind = RequantizationKind.Shift,
        Output = ConversionSpec.Into(
            new(output.Bits, 0, true), Math.Max(0, bits - choose.Between(output.Bits, 24)),
            RoundingMode.TowardNegative, choose.Of(OverflowMode.Wrap, OverflowMode.Saturate)),
        ZeroPoint = 0,
        ClampMin = long.MinValue,
        ClampMax = long.MaxValue,
    };
}
