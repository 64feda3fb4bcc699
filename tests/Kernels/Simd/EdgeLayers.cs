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
    public static readonly RoundingMode[] Commuting =
        [.. Enum.GetValues<RoundingMode>().Where(Rounding.CommutesWithWholeSteps)];

    /// <summary>One layer, or one behind a clamp that tells how far its inputs go.</summary>
    public static QuantizedProgram Program(Choices choose, EdgeKind kind)
    {
        MacLayer layer = kind == EdgeKind.Gathered && choose.Chance(0.3) ? LoneRuns.Gathered(choose)
            : kind == EdgeKind.Ordered && choose.Chance(0.5) ? LoneRuns.Ordered(choose)
            : Layer(choose, kind);
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
        var weight = new FixedFormat(choose.Of(8, choose.Between(2, 12)), 0, true);
        TensorType operand = Operand(choose);
        int offset = choose.Chance(0.5) ? operand.ZeroPoint : 0;
        int most = BitsOf(
            weight.MinRaw * Math.Max(operand.MaxRaw - offset, offset - operand.MinRaw));
        int shift = Shift(choose, kind, most);
        int room = 1 << Math.Max(0, 15 - (most - 1 - shift));
        bool few = choose.Chance(0.5), dense = few || choose.Chance(0.7);
        TensorShape from = dense
            ? new(Depth(choose, kind, room))
            : new(choose.Between(1, 16), choose.Between(1, 6), choose.Between(1, 6));
        WindowGeometry window = dense ? new() : RandomWindow.Of(choose, from, choose.Chance(0.5));
        int channels = window.Groups * (few ? choose.Between(1, 2)
            : choose.Of(1, choose.Between(1, 4), choose.Between(1, 33)));
        TensorType input = operand with { Shape = from };
        var output = new TensorType(
            new(channels, window.OutputRows(from.Rows), window.OutputColumns(from.Columns)),
            choose.Of(16, 16, 8), true, 1);
        int depth = window.Depth(from.Channels);
        int[] weights = new int[channels * depth];
        if (!few) Scatter(choose, weights, depth, (int)weight.MaxRaw);
        for (int run = few ? choose.Of(1, 1, 2, 3) : choose.Between(1, 8); run > 0; run--)
            AddRun(
                choose, weights.AsSpan(choose.Between(0, channels - 1) * depth, depth),
                RunFor(choose, kind, depth, room), weight);
        MacSpec mac = Unit(choose, kind, shift, weights, depth, input, offset);
        Requantization scaled = choose.Chance(0.7)
            ? Shifted(choose, mac.Update.Bits, output)
            : Requantizations.Of(choose, mac.Update.Bits, output);
        return new(
            "layer", [0], output, input, window, [.. weights], weight.TotalBits, true,
            [.. Biases(choose, channels, mac.Update, 4L << Math.Max(0, most - 1 - shift))],
            mac, [.. Enumerable.Repeat(scaled, channels)]);
    }

    private static TensorType Operand(Choices choose)
    {
        TensorType type = new(
            new(1), choose.Of(8, choose.Between(2, 10)), choose.Chance(0.5), 1);
        return choose.Chance(0.3)
            ? type with { ZeroPoint = (int)choose.Raw(type.MinRaw, type.MaxRaw) }
            : type;
    }

    /// <summary>Bits dropped at every product or update.</summary>
    private static int Shift(Choices choose, EdgeKind kind, int productBits) => kind switch
    {
        EdgeKind.Gathered => Math.Clamp(productBits - 13 + choose.Between(0, 3), 1, 15),
        EdgeKind.Short when choose.Chance(0.5) =>
            Math.Clamp(productBits - 15 + choose.Between(0, 6), 0, 15),
        EdgeKind.Stepwise => choose.Between(1, 14),
        _ => 0,
    };

    /// <summary>
    /// A few times what 16 bits hold where they are gathered; where steps are watched, several
    /// segments.
    /// </summary>
    private static int Depth(Choices choose, EdgeKind kind, int room) =>
        choose.Chance(0.8) && kind == EdgeKind.Gathered
            ? choose.Between(Math.Min(4 * room, 128), Math.Min(16 * room, 257))
        : choose.Chance(0.8) && kind == EdgeKind.Ordered ? choose.Between(48, 150)
        : choose.Between(1, 257);

    /// <summary>Some or all weights, channels of very different size.</summary>
    private static void Scatter(Choices choose, int[] weights, int depth, int most)
    {
        var other = new Choices(choose.Between(0, 1 << 20));
        double kept = choose.Of(0, 0.1, 0.6, 1);
        for (int i = 0, size = 0; i < weights.Length; i++)
        {
            if (i % depth == 0) size = most >> other.Between(0, 6);
            if (other.Chance(kept)) weights[i] = other.Between(-size, size);
        }
    }

    /// <summary>
    /// Somewhat more than 16 bits hold in one lane, which sees every second step; or few, which are
    /// taken back before anybody looks.
    /// </summary>
    private static (int Length, int Apart, bool Returns) RunFor(
        Choices choose, EdgeKind kind, int depth, int room)
    {
        bool isLong = choose.Chance(kind switch
        {
            EdgeKind.Gathered => 0.9,
            EdgeKind.Ordered => 0.1,
            _ => 0.5,
        });
        return !isLong
                ? (choose.Between(1, 3), choose.Between(1, 2), choose.Chance(0.9))
            : choose.Chance(0.8) ? (room + choose.Between(1, room), 2, choose.Chance(0.2))
            : (choose.Between(1, depth), choose.Between(1, 2), choose.Chance(0.2));
    }

    /// <summary>A run of one weight, then perhaps its negative.</summary>
    private static void AddRun(
        Choices choose, Span<int> weights, (int Length, int Apart, bool Returns) run,
        FixedFormat type)
    {
        int most = (int)type.MaxRaw;
        int weight = choose.Of(most, most, (int)type.MinRaw, choose.Between(-most, most));
        weights = weights[choose.Between(0, weights.Length - 1)..];
        int all = run.Returns ? 2 * run.Length : run.Length;
        for (int i = 0; i < all && i * run.Apart < weights.Length; i++)
            weights[i * run.Apart] =
                i < run.Length ? weight : weight < 0 ? ~weight : -weight;
    }

    /// <summary>Mostly near an end, by as much as a few products.</summary>
    private static IEnumerable<long> Biases(
        Choices choose, int channels, ConversionSpec update, long near)
    {
        var other = new Choices(choose.Between(0, 1 << 20));
        bool atEnds = choose.Chance(0.7);
        return Enumerable.Range(0, channels).Select(_ => Math.Clamp(
            !atEnds ? other.Raw(update.Min, update.Max) / 4
                : other.Chance(0.5) ? update.Max - other.Between(0, near)
                : update.Min + other.Between(0, near),
            update.Min, update.Max));
    }

    private static MacSpec Unit(
        Choices choose, EdgeKind kind, int shift, int[] weights, int depth, TensorType input,
        int offset)
    {
        long low = input.MinRaw - offset, high = input.MaxRaw - offset;
        long product = weights.Max(w => Math.Max(Math.Abs(w * low), Math.Abs(w * high)));
        long sum = weights.Chunk(depth).Max(
            channel => channel.Sum(w => Math.Max(Math.Abs(w * low), Math.Abs(w * high))));
        (int productBits, int sumBits) = (BitsOf(product), BitsOf(sum));
        OverflowMode saturates = choose.Of(OverflowMode.Saturate, OverflowMode.SaturateSymmetric);
        bool wraps = choose.Chance(0.7);
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
                : choose.Of(1, 1, 1, 1, 1, 1, choose.Between(2, 9)),
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
    public static Requantization Shifted(Choices choose, int bits, TensorType output) => new()
    {
        Kind = RequantizationKind.Shift,
        Output = ConversionSpec.Into(
            new(output.Bits, 0, true), Math.Max(0, bits - output.Bits - choose.Between(0, 4)),
            RoundingMode.TowardNegative, choose.Of(OverflowMode.Wrap, OverflowMode.Saturate)),
        ZeroPoint = 0,
        ClampMin = long.MinValue,
        ClampMax = long.MaxValue,
    };
}
