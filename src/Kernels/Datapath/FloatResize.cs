using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Float32 images made larger by whole numbers, bilinear: each value is a sum of four, every
/// product and sum rounded.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Shape of the tensor read.</param>
/// <param name="Scale">How large it becomes.</param>
/// <param name="Order">In which order the four are summed.</param>
internal sealed record FloatResizeLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorShape Input,
    ResizeScale Scale, ResizeOrder Order) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>For each row of the output what it is made of.</summary>
    public ResizeBlend[] Rows => FloatResize.Blends(Scale, Order, Input.Rows, Scale.Rows);

    /// <summary>For each column of the output what it is made of.</summary>
    public ResizeBlend[] Columns =>
        FloatResize.Blends(Scale, Order, Input.Columns, Scale.Columns);

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers.Shape != Input || !Output.IsFloat32
            ? "makes images of float32 numbers larger"
        : Scale.WhyNot(Input, Output.Shape);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(Output, inputs[0].Low < 0, inputs[0].High > 0);
}

/// <summary>
/// How ONNX Runtime (1.31, CPU, x64) blends four float32 numbers.
/// </summary>
internal static class FloatResize
{
    /// <summary>
    /// What each row or column of the output is made of, parts as <see cref="OrderedFloat"/> has
    /// them.
    /// </summary>
    /// <param name="scale">How large the image becomes.</param>
    /// <param name="order">In which order the four are summed.</param>
    /// <param name="count">How many rows or columns there are before.</param>
    /// <param name="by">How many there are for one.</param>
    public static ResizeBlend[] Blends(ResizeScale scale, ResizeOrder order, int count, int by)
    {
        var blends = new ResizeBlend[count * by];
        for (int at = 0; at < blends.Length; at++)
        {
            float place = scale.Before(at, by);
            if (order == ResizeOrder.InTurn) place = MathF.Min(place, count - 1);
            int first = (int)place, second = Math.Min(first + 1, count - 1);
            (float ofFirst, float ofSecond) = order == ResizeOrder.InPairs
                ? (1 - (place - first), place - first)
                : first == second ? (0.5f, 0.5f)
                : (second - place, place - first);
            blends[at] = new(
                first, second, OrderedFloat.Of(ofFirst), OrderedFloat.Of(ofSecond));
        }

        return blends;
    }

    /// <summary>A value of the output.</summary>
    /// <param name="order">In which order the four are summed.</param>
    /// <param name="plane">The channel's numbers.</param>
    /// <param name="row">What its row is made of.</param>
    /// <param name="column">What its column is made of.</param>
    /// <param name="width">Columns of the channel.</param>
    public static long At<TPlane>(
        ResizeOrder order, TPlane plane, ResizeBlend row, ResizeBlend column, int width)
        where TPlane : struct, IFloatPlane
    {
        int first = row.First * width, second = row.Second * width;
        Binary32 a = Product(row.OfFirst, column.OfFirst, plane.At(first + column.First));
        Binary32 b = Product(row.OfFirst, column.OfSecond, plane.At(first + column.Second));
        Binary32 c = Product(row.OfSecond, column.OfFirst, plane.At(second + column.First));
        Binary32 d = Product(row.OfSecond, column.OfSecond, plane.At(second + column.Second));
        Binary32 above = Binary32.Add(a, b);
        return OrderedFloat.Of(order == ResizeOrder.InPairs
            ? Binary32.Add(above, Binary32.Add(c, d))
            : Binary32.Add(Binary32.Add(above, c), d));
    }

    private static Binary32 Product(int row, int column, long number) => Binary32.Multiply(
        Binary32.Multiply(OrderedFloat.Number(row), OrderedFloat.Number(column)),
        OrderedFloat.Number(number));
}

/// <summary>In which order the four numbers that make one are summed.</summary>
internal enum ResizeOrder
{
    /// <summary>One after the other, of images as they lie.</summary>
    InTurn,

    /// <summary>
    /// Two sums of two, where channels lie in blocks; weights at the last row or column are those
    /// of any other there.
    /// </summary>
    InPairs,
}
