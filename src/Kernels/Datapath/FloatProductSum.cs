using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Products of two tensors of float32 numbers, summed over channels that stand together
/// (<see cref="FloatProductSum"/>): a product of two matrices, both spread out to
/// <c>[groups depth, rows, columns]</c>.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">Two tensors of one shape.</param>
/// <param name="Output">Groups, rows and columns.</param>
/// <param name="Sum">How many products are summed, and how.</param>
internal sealed record FloatProductSumLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, FloatProductSum Sum)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Count != 2 || inputs.Append(Output).Any(t => !t.IsFloat32)
        || inputs.Any(i => i.Shape != Output.Shape with
        {
            Channels = Output.Shape.Channels * Sum.Depth,
        })
            ? "sums products of two tensors of float32 numbers of one shape"
        : Sum.Depth < 1 || Sum.Together < 1 ? "sums no products"
        : Math.Abs((long)Sum.Factor) > OrderedFloat.Largest ? "its factor is not a finite number"
        : Sum.Order != FloatProductOrder.Fused && OrderedFloat.Value(Sum.Factor) != 1
            ? "sums of rounded products have no factor"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(
            Output, Sum.Factor < 0 || inputs.Any(i => i.Low < 0), canBePositive: true);
}

/// <summary>In which order ONNX Runtime's matrix product sums.</summary>
internal enum FloatProductOrder
{
    /// <summary>One after the other by fused multiply-adds, so many together.</summary>
    Fused,

    /// <summary>Four rounded products are summed, then added to the sum so far.</summary>
    Fours,

    /// <summary>Every eighth rounded product joins one of eight sums.</summary>
    Lanes,
}

/// <summary>
/// A sum of products as ONNX Runtime's matrix product has it where the processor has fused
/// multiply-adds: one after the other, <c>s = round(a b + s)</c>, from 0, and so many together; the
/// first such sum times a factor is rounded, those behind it join by <c>round(s f + sum)</c>.
/// <para>Of one row, or of one column, nothing is fused. In fours: <c>((a0 b0 + a1 b1) + a2 b2) +
/// a3 b3</c> is added to the sum so far; two of what is left over, then one, likewise. In lanes:
/// eight sums e0 to e7, put together four outputs at a time as <c>((e0 + e1) + e2) + e3</c> plus
/// the same of the others, of what outputs are left over two as <c>((e0 + e2) + (e4 + e6)) +
/// ((e1 + e3) + (e5 + e7))</c> and one as <c>((e0 + e1) + (e2 + e3)) + ((e4 + e5) + (e6 + e7))</c>.
/// </para>
/// Blittable.
/// </summary>
/// <param name="Depth">How many products.</param>
/// <param name="Together">After how many a sum begins anew.</param>
/// <param name="Factor">The factor, as <see cref="OrderedFloat"/> has it.</param>
/// <param name="Order">The order; a factor other than 1 goes with fused ones alone.</param>
internal readonly record struct FloatProductSum(
    int Depth, int Together, int Factor, FloatProductOrder Order = FloatProductOrder.Fused)
{
    /// <summary>
    /// MLAS cuts a matrix into panels of so many rows and columns, and makes one side longer where
    /// the other is short.
    /// </summary>
    public const int Panel = 128;

    /// <summary>How many sums lanes are.</summary>
    public const int Lanes = 8;

    /// <summary>How many products or outputs are taken at once.</summary>
    public const int AtOnce = 4;

    private const int LeastPanel = 16;

    /// <summary>Of a second matrix of so many rows and columns.</summary>
    public static FloatProductSum Of(int depth, int columns, int factor)
    {
        int together = Panel;
        for (int wide = Panel; columns < depth && wide > LeastPanel && wide / 2 >= columns;)
            (together, wide) = (2 * together, wide / 2);
        return new(depth, together, factor);
    }

    /// <summary>The sum.</summary>
    /// <param name="first">Raw numbers of one channel after the other.</param>
    /// <param name="second">Likewise.</param>
    /// <param name="output">Which of the row's or column's outputs it is.</param>
    /// <param name="outputs">How many there are.</param>
    /// <param name="start">What the sum so far is: lanes join it at the end.</param>
    public long At<TFirst, TSecond>(
        TFirst first, TSecond second, int output, int outputs, long start = 0)
        where TFirst : struct, IFloatPlane
        where TSecond : struct, IFloatPlane
    {
        Binary32 all = OrderedFloat.Number(start);
        return OrderedFloat.Of(
            Order == FloatProductOrder.Fours ? InFours(first, second, all)
            : Order == FloatProductOrder.Lanes
                ? Binary32.Add(InLanes(first, second, Ending(output, outputs)), all)
            : Fused(first, second, all));
    }

    /// <summary>With how many others, 4, 2 or 1 in all, an output's lanes are put together.
    /// </summary>
    public static int Ending(int output, int outputs) =>
        output < outputs / AtOnce * AtOnce ? AtOnce
        : output < outputs / 2 * 2 ? 2
        : 1;

    private static Binary32 Product<TFirst, TSecond>(TFirst first, TSecond second, int place)
        where TFirst : struct, IFloatPlane
        where TSecond : struct, IFloatPlane => Binary32.Multiply(
            OrderedFloat.Number(first.At(place)), OrderedFloat.Number(second.At(place)));

    private Binary32 Fused<TFirst, TSecond>(TFirst first, TSecond second, Binary32 all)
        where TFirst : struct, IFloatPlane
        where TSecond : struct, IFloatPlane
    {
        Binary32 factor = OrderedFloat.Number(Factor);
        for (int i = 0; i < Depth;)
        {
            Binary32 sum = default;
            for (int end = i + Together; i < end && i < Depth; i++)
                sum = Binary32.MultiplyAdd(
                    OrderedFloat.Number(first.At(i)), OrderedFloat.Number(second.At(i)), sum);
            all = Binary32.MultiplyAdd(sum, factor, all);
        }

        return all;
    }

    private Binary32 InFours<TFirst, TSecond>(TFirst first, TSecond second, Binary32 all)
        where TFirst : struct, IFloatPlane
        where TSecond : struct, IFloatPlane
    {
        for (int i = 0; i < Depth;)
        {
            int left = Depth - i;
            int end = i + (left >= AtOnce ? AtOnce : left >= 2 ? 2 : 1);
            Binary32 sum = Product(first, second, i++);
            for (; i < end; i++) sum = Binary32.Add(sum, Product(first, second, i));
            all = Binary32.Add(sum, all);
        }

        return all;
    }

    private Binary32 InLanes<TFirst, TSecond>(TFirst first, TSecond second, int ending)
        where TFirst : struct, IFloatPlane
        where TSecond : struct, IFloatPlane
    {
        Binary32 e0 = Lane(first, second, 0), e1 = Lane(first, second, 1);
        Binary32 e2 = Lane(first, second, 2), e3 = Lane(first, second, 3);
        Binary32 e4 = Lane(first, second, 4), e5 = Lane(first, second, 5);
        Binary32 e6 = Lane(first, second, 6), e7 = Lane(first, second, 7);
        return ending == AtOnce
            ? Binary32.Add(
                Binary32.Add(Binary32.Add(Binary32.Add(e0, e1), e2), e3),
                Binary32.Add(Binary32.Add(Binary32.Add(e4, e5), e6), e7))
            : ending == 2
            ? Binary32.Add(
                Binary32.Add(Binary32.Add(e0, e2), Binary32.Add(e4, e6)),
                Binary32.Add(Binary32.Add(e1, e3), Binary32.Add(e5, e7)))
            : Binary32.Add(
                Binary32.Add(Binary32.Add(e0, e1), Binary32.Add(e2, e3)),
                Binary32.Add(Binary32.Add(e4, e5), Binary32.Add(e6, e7)));
    }

    private Binary32 Lane<TFirst, TSecond>(TFirst first, TSecond second, int lane)
        where TFirst : struct, IFloatPlane
        where TSecond : struct, IFloatPlane
    {
        Binary32 sum = default;
        for (int i = lane; i < Depth; i += Lanes)
            sum = Binary32.Add(sum, Product(first, second, i));
        return sum;
    }
}
