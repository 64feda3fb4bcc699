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
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        FloatLayerRanges.Of(
            Output, Sum.Factor < 0 || inputs.Any(i => i.Low < 0), canBePositive: true);
}

/// <summary>
/// A sum of products as ONNX Runtime's matrix product has it where the processor has fused
/// multiply-adds: one after the other, <c>s = round(a b + s)</c>, from 0, and so many together; the
/// first such sum times a factor is rounded, those behind it join by <c>round(s f + sum)</c>.
/// Blittable.
/// </summary>
/// <param name="Depth">How many products.</param>
/// <param name="Together">After how many a sum begins anew.</param>
/// <param name="Factor">The factor, as <see cref="OrderedFloat"/> has it.</param>
internal readonly record struct FloatProductSum(int Depth, int Together, int Factor)
{
    /// <summary>
    /// MLAS cuts a matrix into panels of so many rows and columns, and makes one side longer where
    /// the other is short.
    /// </summary>
    public const int Panel = 128;

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
    public long At<TPlane>(TPlane first, TPlane second)
        where TPlane : struct, IFloatPlane
    {
        Binary32 all = default, factor = OrderedFloat.Number(Factor);
        for (int i = 0; i < Depth;)
        {
            Binary32 sum = default;
            for (int end = i + Together; i < end && i < Depth; i++)
                sum = Binary32.MultiplyAdd(
                    OrderedFloat.Number(first.At(i)), OrderedFloat.Number(second.At(i)), sum);
            all = Binary32.MultiplyAdd(sum, factor, all);
        }

        return OrderedFloat.Of(all);
    }
}
