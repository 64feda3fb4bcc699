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
/// <param name="Form">How large it becomes, and how.</param>
internal sealed record FloatResizeLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorShape Input,
    FloatResize Form) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>For each row of the output what it is made of.</summary>
    public FloatBlend[] Rows => Form.Blends(Input.Rows, Form.Rows);

    /// <summary>For each column of the output what it is made of.</summary>
    public FloatBlend[] Columns => Form.Blends(Input.Columns, Form.Columns);

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
        : Form.Rows is < 1 or > FloatResize.Most || Form.Columns is < 1 or > FloatResize.Most
            ? $"makes images larger by 1..{FloatResize.Most}"
        : Output.Shape != new TensorShape(
            Input.Channels, Input.Rows * Form.Rows, Input.Columns * Form.Columns)
            ? $"the output is {Output.Shape}, which is not so much larger"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(Output, inputs[0].Low < 0, inputs[0].High > 0);
}

/// <summary>
/// How ONNX Runtime (1.31, CPU, x64) makes an image of float32 numbers larger. Blittable.
/// </summary>
/// <param name="Rows">How many rows there are for one.</param>
/// <param name="Columns">How many columns there are for one.</param>
/// <param name="Place">Where an image's values stand in the larger one.</param>
/// <param name="Order">In which order the four are summed.</param>
internal readonly record struct FloatResize(
    int Rows, int Columns, ResizePlace Place, ResizeOrder Order)
{
    /// <summary>By how much at most.</summary>
    public const int Most = 64;

    /// <summary>What each row or column of the output is made of.</summary>
    /// <param name="count">How many there are before.</param>
    /// <param name="scale">How many there are for one.</param>
    public FloatBlend[] Blends(int count, int scale)
    {
        var blends = new FloatBlend[count * scale];
        for (int at = 0; at < blends.Length; at++)
        {
            float place = scale == 1 ? at
                : Place == ResizePlace.HalfPixel ? MathF.Max(0, ((at + 0.5f) / scale) - 0.5f)
                : (float)at / scale;
            if (Order == ResizeOrder.InTurn) place = MathF.Min(place, count - 1);
            int first = (int)place, second = Math.Min(first + 1, count - 1);
            (float ofFirst, float ofSecond) = Order == ResizeOrder.InPairs
                ? (1 - (place - first), place - first)
                : first == second ? (0.5f, 0.5f)
                : (second - place, place - first);
            blends[at] = new(
                first, second, OrderedFloat.Of(ofFirst), OrderedFloat.Of(ofSecond));
        }

        return blends;
    }

    /// <summary>A value of the output.</summary>
    /// <param name="plane">The channel's numbers.</param>
    /// <param name="row">What its row is made of.</param>
    /// <param name="column">What its column is made of.</param>
    /// <param name="width">Columns of the channel.</param>
    public long At<TPlane>(TPlane plane, FloatBlend row, FloatBlend column, int width)
        where TPlane : struct, IFloatPlane
    {
        int first = row.First * width, second = row.Second * width;
        Binary32 a = Product(row.OfFirst, column.OfFirst, plane.At(first + column.First));
        Binary32 b = Product(row.OfFirst, column.OfSecond, plane.At(first + column.Second));
        Binary32 c = Product(row.OfSecond, column.OfFirst, plane.At(second + column.First));
        Binary32 d = Product(row.OfSecond, column.OfSecond, plane.At(second + column.Second));
        Binary32 above = Binary32.Add(a, b);
        return OrderedFloat.Of(Order == ResizeOrder.InPairs
            ? Binary32.Add(above, Binary32.Add(c, d))
            : Binary32.Add(Binary32.Add(above, c), d));
    }

    private static Binary32 Product(int row, int column, long number) => Binary32.Multiply(
        Binary32.Multiply(OrderedFloat.Number(row), OrderedFloat.Number(column)),
        OrderedFloat.Number(number));
}

/// <summary>Where an image's values stand in a larger one: ONNX's names.</summary>
internal enum ResizePlace
{
    /// <summary>Whole pixels keep their place: the first stays the first.</summary>
    Asymmetric,

    /// <summary>Half pixels do: an image's middle stays its middle.</summary>
    HalfPixel,
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

/// <summary>Two rows or columns that one of an output is made of. Blittable.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The next, or the same at the end.</param>
/// <param name="OfFirst">The first one's part, as <see cref="OrderedFloat"/> has it.</param>
/// <param name="OfSecond">The second one's.</param>
internal readonly record struct FloatBlend(int First, int Second, int OfFirst, int OfSecond);
