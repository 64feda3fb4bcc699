using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Each channel's float32 numbers, less their mean, over their standard deviation, times a factor
/// and plus an addend for each position (<see cref="FloatNorm"/>): ONNX's LayerNormalization.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor.</param>
/// <param name="Output">The input's shape.</param>
/// <param name="Factors">One per position, as <see cref="OrderedFloat"/> has them.</param>
/// <param name="Shifts">Likewise.</param>
/// <param name="Norm">How it sums.</param>
internal sealed record FloatNormLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, ImmutableArray<int> Factors,
    ImmutableArray<int> Shifts, FloatNorm Norm) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers != Output
            ? "is a norm of float32 numbers and keeps their shape"
        : Factors.Length != Output.Shape.Positions
            || Shifts.Length != Factors.Length
            ? $"{Factors.Length} factors and {Shifts.Length} addends for {Output.Shape.Positions} "
                + "positions"
        : Factors.Concat(Shifts).Any(raw => Math.Abs((long)raw) > OrderedFloat.Largest)
            || !Norm.IsNorm
            ? "a factor or addend is not a finite number, or epsilon not a positive one"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => RawRange.Of(Output);
}

/// <summary>In which order a norm sums.</summary>
internal enum FloatNormSum
{
    /// <summary>Welford's mean and sum of squares, number by number.</summary>
    OneByOne,

    /// <summary>A mean in double in four lanes, squares in eight.</summary>
    Lanes,
}

/// <summary>
/// <c>(x - mean) / sqrt(variance + epsilon) * factor + shift</c> over a row of float32 numbers, as
/// ONNX Runtime computes it on x64. Blittable.
/// <para>In lanes: the mean is a sum in double, every fourth number into one of four sums, <c>(s0 +
/// s2) + (s1 + s3)</c>, then what is left over; the variance one of squares of differences, every
/// eighth into one of eight, <c>((v0 + v4) + (v2 + v6)) + ((v1 + v5) + (v3 + v7))</c>, by fused
/// multiply-adds but for whole fours of what is left over; then a product with the reciprocal of
/// the root, and one fused multiply-add (with AVX2 and FMA3, rows of 8 numbers and more).</para>
/// <para>One by one: Welford's mean and sum of squares, nothing fused, and a quotient (shorter
/// rows, and sums of two tensors that the optimizer takes into the norm).</para>
/// </summary>
/// <param name="Sum">The order.</param>
/// <param name="Epsilon">Added to the variance, as <see cref="OrderedFloat"/> has it.</param>
internal readonly record struct FloatNorm(FloatNormSum Sum, int Epsilon)
{
    private const int Eight = 8;

    private const int Half = Eight / 2;

    /// <summary>Whether epsilon is a positive number that has all of its bits.</summary>
    public bool IsNorm => new FloatScale(Epsilon, 0).IsScale;

    /// <summary>The order of a row that is no sum.</summary>
    public static FloatNormSum OfRow(int count) =>
        count < Eight ? FloatNormSum.OneByOne : FloatNormSum.Lanes;

    /// <summary>What all numbers of a row share.</summary>
    /// <param name="row">The row's numbers.</param>
    /// <param name="count">How many.</param>
    public FloatNormRow Of<TPlane>(TPlane row, int count)
        where TPlane : struct, IFloatPlane
    {
        if (Sum == FloatNormSum.OneByOne)
        {
            Moments one = OneByOne(row, count);
            return new(Sum, one.Mean, Root(one.Squares, count));
        }

        Binary32 mean = Mean(row, count);
        return new(Sum, mean, Binary32.Divide(
            Binary32.OfInteger(1), Root(Squares(row, count, mean), count)));
    }

    private Binary32 Root(Binary32 squares, int count) => Binary32.SquareRoot(Binary32.Add(
        Binary32.Divide(squares, Binary32.OfInteger(count)), OrderedFloat.Number(Epsilon)));

    private static Binary32 Less<TPlane>(TPlane row, int place, Binary32 mean)
        where TPlane : struct, IFloatPlane => FloatNormRow.Less(row.At(place), mean);

    private static Moments OneByOne<TPlane>(TPlane row, int count)
        where TPlane : struct, IFloatPlane
    {
        Binary32 mean = default, squares = default;
        for (int i = 0; i < count; i++)
        {
            Binary32 before = Less(row, i, mean);
            mean = Binary32.Add(mean, Binary32.Divide(before, Binary32.OfInteger(i + 1)));
            squares = Binary32.Add(squares, Binary32.Multiply(before, Less(row, i, mean)));
        }

        return new(mean, squares);
    }

    private static Binary32 Mean<TPlane>(TPlane row, int count)
        where TPlane : struct, IFloatPlane
    {
        int whole = count / Half * Half;
        Binary64 sum = Binary64.Add(
            Binary64.Add(Lane(row, 0, whole), Lane(row, 2, whole)),
            Binary64.Add(Lane(row, 1, whole), Lane(row, 3, whole)));
        for (int i = whole; i < count; i++)
            sum = Binary64.Add(sum, Binary64.Of(OrderedFloat.Number(row.At(i))));
        return sum.Over(count);
    }

    private static Binary64 Lane<TPlane>(TPlane row, int first, int whole)
        where TPlane : struct, IFloatPlane
    {
        Binary64 sum = default;
        for (int i = first; i < whole; i += Half)
            sum = Binary64.Add(sum, Binary64.Of(OrderedFloat.Number(row.At(i))));
        return sum;
    }

    private static Binary32 Squares<TPlane>(TPlane row, int count, Binary32 mean)
        where TPlane : struct, IFloatPlane
    {
        int whole = count / Eight * Eight;
        Binary32 sum = Binary32.Add(
            Binary32.Add(Pair(row, 0, whole, mean), Pair(row, 2, whole, mean)),
            Binary32.Add(Pair(row, 1, whole, mean), Pair(row, 3, whole, mean)));
        int fours = whole + ((count - whole) / Half * Half);
        for (int i = whole; i < count; i++)
        {
            Binary32 x = Less(row, i, mean);
            sum = i < fours
                ? Binary32.Add(sum, Binary32.Multiply(x, x))
                : Binary32.MultiplyAdd(x, x, sum);
        }

        return sum;
    }

    /// <summary>Two of the eight sums, four lanes apart.</summary>
    private static Binary32 Pair<TPlane>(TPlane row, int first, int whole, Binary32 mean)
        where TPlane : struct, IFloatPlane => Binary32.Add(
            SquareLane(row, first, whole, mean), SquareLane(row, first + Half, whole, mean));

    private static Binary32 SquareLane<TPlane>(TPlane row, int first, int whole, Binary32 mean)
        where TPlane : struct, IFloatPlane
    {
        Binary32 sum = default;
        for (int i = first; i < whole; i += Eight)
        {
            Binary32 x = Less(row, i, mean);
            sum = Binary32.MultiplyAdd(x, x, sum);
        }

        return sum;
    }

    /// <summary>A mean, and a sum of squares about it.</summary>
    private readonly record struct Moments(Binary32 Mean, Binary32 Squares);
}

/// <summary>A row's norm once its mean and variance are known. Blittable.</summary>
/// <param name="Sum">The order.</param>
/// <param name="Mean">Of the row.</param>
/// <param name="Scale">
/// The root of the variance, or in lanes the reciprocal of it.
/// </param>
internal readonly record struct FloatNormRow(FloatNormSum Sum, Binary32 Mean, Binary32 Scale)
{
    /// <summary>A number's result.</summary>
    /// <param name="raw">The number.</param>
    /// <param name="factor">Its factor, as <see cref="OrderedFloat"/> has it.</param>
    /// <param name="shift">Its addend.</param>
    public long Value(long raw, long factor, long shift)
    {
        Binary32 scale = OrderedFloat.Number(factor), addend = OrderedFloat.Number(shift);
        Binary32 less = Less(raw, Mean);
        return OrderedFloat.Of(Sum == FloatNormSum.OneByOne
            ? Binary32.Add(Binary32.Multiply(Binary32.Divide(less, Scale), scale), addend)
            : Binary32.MultiplyAdd(Binary32.Multiply(less, Scale), scale, addend));
    }

    /// <summary>A number less the mean.</summary>
    public static Binary32 Less(long raw, Binary32 mean) =>
        Binary32.Add(OrderedFloat.Number(raw), new(-mean.Significand, mean.Exponent));
}
