using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// A convolution or dense layer of float32 numbers with float32 weights, summed in an order that is
/// part of it (<see cref="FloatMacSum"/>).
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Shape of the tensor read.</param>
/// <param name="Geometry">The window; padding is 0.</param>
/// <param name="Weights">
/// [output channel][input channel / groups][kernel row][kernel column], as
/// <see cref="OrderedFloat"/> has them.
/// </param>
/// <param name="Bias">One per output channel.</param>
/// <param name="Order">In which order it sums.</param>
internal sealed record FloatMacLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorShape Input,
    WindowGeometry Geometry, ImmutableArray<int> Weights, ImmutableArray<int> Bias,
    FloatMacOrder Order) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>What it does for each output.</summary>
    public FloatMacSum Sum => FloatMacSum.Of(Order, Geometry, Input, Output.Shape);

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    internal override ImmutableArray<LayerTable> Tables =>
        [new("filter", Weights, (l, w) => (FloatMacLayer)l with { Weights = w })];

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers.Shape != Input || !Output.IsFloat32
            ? "multiplies a tensor of float32 numbers with weights"
        : WindowBounds.WhyNot(Geometry, Input, Output.Shape.Channels)
        ?? (Output.Shape != new TensorShape(
            Output.Shape.Channels, Geometry.OutputRows(Input.Rows),
            Geometry.OutputColumns(Input.Columns))
            ? $"the output is {Output.Shape}, which is not what the window gives"
        : Input.Channels % Geometry.Groups != 0 || Output.Shape.Channels % Geometry.Groups != 0
            ? $"channels do not divide into {Geometry.Groups} groups"
        : Weights.Length != (long)Output.Shape.Channels * Geometry.Depth(Input.Channels)
            || Bias.Length != Output.Shape.Channels
            ? $"{Weights.Length} weights and {Bias.Length} biases for {Output.Shape.Channels} "
                + $"channels of {Geometry.Depth(Input.Channels)} products"
        : Weights.Concat(Bias).Append(Order.Factor)
            .Any(raw => Math.Abs((long)raw) > OrderedFloat.Largest)
            ? "a weight, bias or factor is not a finite number"
        : Order.Together < 1 || Order.Block < 1 ? "it sums no products"
        : Order.Products != FloatProductOrder.Fused && OrderedFloat.Value(Order.Factor) != 1
            ? "sums of rounded products have no factor"
        : null);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => RawRange.Of(Output);
}

/// <summary>
/// In which order a convolution's products join their sum: input channels in blocks, in each block
/// every tap of the window in turn, and of a tap the block's channels in turn. Blittable.
/// </summary>
/// <param name="Products">How they are summed (<see cref="FloatProductSum"/>).</param>
/// <param name="Together">After how many products a sum begins anew.</param>
/// <param name="Block">Channels of a block: 1 is channel after channel.</param>
/// <param name="Bias">Where the bias joins.</param>
/// <param name="Taps">From which end of the window.</param>
/// <param name="Factor">Of each part, as <see cref="OrderedFloat"/> has it.</param>
internal readonly record struct FloatMacOrder(
    FloatProductOrder Products, int Together, int Block, FloatBiasPlace Bias,
    FloatTapOrder Taps, int Factor)
{
    /// <summary>The number 1.</summary>
    public const int One = 0x3F800000;
}

/// <summary>Where a bias joins a sum.</summary>
internal enum FloatBiasPlace
{
    /// <summary>It is added to the sum.</summary>
    Last,

    /// <summary>The first part is added to it.</summary>
    First,
}

/// <summary>From which end of a window taps are taken.</summary>
internal enum FloatTapOrder
{
    /// <summary>Row by row from the first.</summary>
    Forward,

    /// <summary>From the last: a transposed convolution's own order, whose window is turned.
    /// </summary>
    Backward,
}

/// <summary>
/// One output of a <see cref="FloatMacLayer"/>: a sum of products in an order, and a bias.
/// Blittable.
/// </summary>
/// <param name="Order">The order.</param>
/// <param name="Channels">Input channels of a group.</param>
/// <param name="Outputs">Output channels of a group.</param>
/// <param name="Rows">The window's place over rows.</param>
/// <param name="Columns">The same over columns.</param>
internal readonly record struct FloatMacSum(
    FloatMacOrder Order, int Channels, int Outputs, FloatAxis Rows, FloatAxis Columns)
{
    private int TapCount => Rows.Kernel * Columns.Kernel;

    /// <summary>How many products a sum has.</summary>
    public int Depth => Channels * TapCount;

    /// <summary>The sum of a window over a tensor.</summary>
    public static FloatMacSum Of(
        FloatMacOrder order, WindowGeometry w, TensorShape from, TensorShape to) => new(
            order, from.Channels / w.Groups, to.Channels / w.Groups,
            new(from.Rows, to.Rows, w.KernelRows, w.StrideRows, w.PadTop, w.DilationRows),
            new(
                from.Columns, to.Columns, w.KernelColumns, w.StrideColumns, w.PadLeft,
                w.DilationColumns));

    /// <summary>The output.</summary>
    /// <param name="image">The image's numbers, [channel][row][column].</param>
    /// <param name="weights">All weights.</param>
    /// <param name="bias">The channel's bias.</param>
    /// <param name="channel">The channel of the output.</param>
    /// <param name="position">Row times columns plus column, in the output.</param>
    public long At<TImage, TWeights>(
        TImage image, TWeights weights, long bias, int channel, int position)
        where TImage : struct, IFloatPlane
        where TWeights : struct, IFloatPlane
    {
        int positions = Rows.Output * Columns.Output;
        bool isOne = positions == 1;
        bool isFirst = Order.Bias == FloatBiasPlace.First;
        long sum = new FloatProductSum(Depth, Order.Together, Order.Factor, Order.Products).At(
            new FloatMacWindow<TImage>(image, this, channel / Outputs * Channels, position),
            new FloatMacFilter<TWeights>(weights, this, channel * Depth),
            isOne ? channel % Outputs : position, isOne ? Outputs : positions,
            isFirst ? bias : 0);
        return isFirst ? sum : FloatAddLayer.Sum(sum, bias);
    }

    /// <summary>Which weight of a filter, [channel][row][column], comes at a place.</summary>
    public int Weight(int place)
    {
        int taps = TapCount, block = place / (Order.Block * taps) * Order.Block;
        int within = place - (block * taps), left = Channels - block;
        int channels = left < Order.Block ? left : Order.Block;
        int tap = within / channels;
        return ((block + (within % channels)) * taps)
            + (Order.Taps == FloatTapOrder.Forward ? tap : taps - 1 - tap);
    }

    /// <summary>
    /// Where the number that a weight meets lies among its group's; -1 in the padding.
    /// </summary>
    public int Source(int weight, int position)
    {
        int channel = weight / TapCount, tap = weight % TapCount;
        int row = Rows.At(position / Columns.Output, tap / Columns.Kernel);
        int column = Columns.At(position % Columns.Output, tap % Columns.Kernel);
        bool isInside = row >= 0 && row < Rows.Input && column >= 0 && column < Columns.Input;
        return isInside ? (((channel * Rows.Input) + row) * Columns.Input) + column : -1;
    }
}

/// <summary>What a window meets of an image, in the order of a sum.</summary>
internal readonly struct FloatMacWindow<TImage>(
    TImage image, FloatMacSum sum, int firstChannel, int position) : IFloatPlane
    where TImage : struct, IFloatPlane
{
    /// <inheritdoc/>
    public long At(int place)
    {
        int source = sum.Source(sum.Weight(place), position);
        return source < 0
            ? 0
            : image.At((firstChannel * sum.Rows.Input * sum.Columns.Input) + source);
    }
}

/// <summary>A filter's weights in the order of a sum.</summary>
internal readonly struct FloatMacFilter<TWeights>(TWeights weights, FloatMacSum sum, int first)
    : IFloatPlane
    where TWeights : struct, IFloatPlane
{
    /// <inheritdoc/>
    public long At(int place) => weights.At(first + sum.Weight(place));
}
