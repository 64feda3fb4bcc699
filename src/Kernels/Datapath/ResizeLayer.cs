using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Images of integers made larger by whole numbers, bilinear, places in 1024ths of a pixel, what
/// is left of a raw value cut off: ONNX Runtime (1.31, CPU) of images whose channels lie innermost.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">Type of the output.</param>
/// <param name="Input">Type of the tensor read.</param>
/// <param name="Scale">How large it becomes.</param>
internal sealed record ResizeLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, TensorType Input,
    ResizeScale Scale) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>The most bits of a raw value.</summary>
    public const int MostBits = 16;

    private const int WholeBits = 10;
    private const int Whole = 1 << WholeBits;

    /// <summary>For each row of the output what it is made of, in 1024ths.</summary>
    public ResizeBlend[] Rows => Blends(Input.Shape.Rows, Scale.Rows);

    /// <summary>For each column of the output what it is made of, in 1024ths.</summary>
    public ResizeBlend[] Columns => Blends(Input.Shape.Columns, Scale.Columns);

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => RoundingMode.TowardZero;

    /// <summary>A value of the output.</summary>
    /// <param name="row">What its row is made of.</param>
    /// <param name="column">What its column is made of.</param>
    /// <param name="a">The raw value of the first row and the first column.</param>
    /// <param name="b">Of the first row and the second column.</param>
    /// <param name="c">Of the second row and the first column.</param>
    /// <param name="d">Of the second row and the second column.</param>
    public static long At(ResizeBlend row, ResizeBlend column, long a, long b, long c, long d)
    {
        long sum = (row.OfFirst * column.OfFirst * a) + (row.OfFirst * column.OfSecond * b)
            + (row.OfSecond * column.OfFirst * c) + (row.OfSecond * column.OfSecond * d);
        // ILGPU makes a shift of a division by a power of two, which rounds down.
        return sum < 0 ? -(-sum >> (2 * WholeBits)) : sum >> (2 * WholeBits);
    }

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [var input] || input != Input || !Output.HasRangeOf(Input)
            || Input.IsFloat32 || Input.Bits > MostBits
            ? $"makes images of integers of at most {MostBits} bits larger, whose type they keep"
            : Scale.WhyNot(Input.Shape, Output.Shape);

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) =>
        [new("a value times its parts", (ExactRange.Of(Input) * (Whole * Whole)).Bits)];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => inputs[0];

    private ResizeBlend[] Blends(int count, int by)
    {
        var blends = new ResizeBlend[count * by];
        for (int at = 0; at < blends.Length; at++)
        {
            float place = MathF.Min(Scale.Before(at, by), count - 1);
            int first = (int)place, second = Math.Min(first + 1, count - 1);
            int ofSecond = first == second ? Whole / 2 : (int)(place * Whole) - (first * Whole);
            blends[at] = new(first, second, Whole - ofSecond, ofSecond);
        }

        return blends;
    }
}

/// <summary>How large an image becomes. Blittable.</summary>
/// <param name="Rows">How many rows there are for one.</param>
/// <param name="Columns">How many columns there are for one.</param>
/// <param name="Place">Where the image's values stand in the larger one.</param>
internal readonly record struct ResizeScale(int Rows, int Columns, ResizePlace Place)
{
    /// <summary>By how much at most.</summary>
    public const int Most = 64;

    /// <summary>
    /// The place in an image, from 0, of a row or column of the larger one, in float32 as ONNX
    /// Runtime finds it.
    /// </summary>
    /// <param name="at">The row or column.</param>
    /// <param name="by">How many there are for one.</param>
    public float Before(int at, int by) =>
        by == 1 ? at
        : Place == ResizePlace.HalfPixel ? MathF.Max(0, ((at + 0.5f) / by) - 0.5f)
        : (float)at / by;

    /// <summary>Why an image does not become another; null where it does.</summary>
    public string? WhyNot(TensorShape from, TensorShape to) =>
        Rows is < 1 or > Most || Columns is < 1 or > Most
            ? $"makes images larger by 1..{Most}"
        : to != new TensorShape(from.Channels, from.Rows * Rows, from.Columns * Columns)
            ? $"the output is {to}, which is not so much larger"
        : null;
}

/// <summary>Where an image's values stand in a larger one: ONNX's names.</summary>
internal enum ResizePlace
{
    /// <summary>Whole pixels keep their place: the first stays the first.</summary>
    Asymmetric,

    /// <summary>Half pixels do: an image's middle stays its middle.</summary>
    HalfPixel,
}

/// <summary>Two rows or columns that one of an output is made of. Blittable.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The next, or the same at the end.</param>
/// <param name="OfFirst">The first one's part.</param>
/// <param name="OfSecond">The second one's.</param>
internal readonly record struct ResizeBlend(int First, int Second, int OfFirst, int OfSecond);
