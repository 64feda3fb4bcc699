using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>A step on 16-bit operands, and whether it counts events too.</summary>
internal sealed record PackedStep(Step Step, bool CountsEvents);

/// <summary>Prepares a layer for the loops over pairs of 16-bit operands, where a law allows one.</summary>
internal static class PackedPlan
{
    /// <summary>Null when the layer needs its steps taken one by one.</summary>
    public static PackedStep? Prepare(MacShape shape, StepPlace place)
    {
        MacLayer layer = shape.Layer;
        TensorLayout input = place.Inputs[0];
        if (!input.IsNarrow || !place.Output.IsNarrow) return null;
        if (PackedSum.Of(layer, input) is { } sum)
        {
            bool depthwise = DepthwiseAccumulation.Supports(layer);
            if (depthwise) shape = new MacShape(layer, together: true);
            RowSource<short> rows = depthwise
                ? new KernelRowCopy(DepthwiseAccumulation.Ungrouped(layer), input)
                : Rows(layer, input, anyOrder: true);
            Accumulation<short, int> sums = depthwise
                ? new DepthwiseAccumulation(shape, rows, sum)
                : PackedLoops.Pairs(shape, rows, sum);
            return Step(rows, Finished(sums, sum.Finish), sum.Range, sum.HasNoEvents);
        }

        if (ShortSum.Of(layer, input) is { } shorts)
        {
            RowSource<short> rows = Rows(layer, input, anyOrder: !shorts.Saturates);
            if (shorts.InputAdd != 0 || shorts.InputShift != 0)
                rows = new AdjustedRows(rows, shorts.InputAdd, shorts.InputShift);
            return Step(rows, Finished(PackedLoops.Shorts(shape, rows, shorts), shorts.Finish), shorts.Range, false);
        }

        if (BoundedSum.Of(layer, input) is { } bounded)
        {
            RowSource<short> rows = Rows(layer, input, anyOrder: false);
            return Step(rows, PackedLoops.Bounded(shape, rows, bounded), ExactRange.Of(layer.Mac.Update), false);
        }

        return null;

        PackedStep Step(
            RowSource<short> rows, Accumulation<short, int> accumulation, ExactRange range, bool countsEvents) =>
            new(
                new MacStep<short, int>(shape, rows, accumulation, Output(shape, place, range), raisesFlags: false),
                countsEvents);
    }

    private static Accumulation<short, int> Finished(Accumulation<short, int> sums, ConversionSpec? finish) =>
        finish is { } conversion ? new FinishedAccumulation(sums, conversion) : sums;

    /// <summary>Values as stored: whole kernel rows where the order is memory's or does not matter.</summary>
    private static RowSource<short> Rows(MacLayer layer, TensorLayout input, bool anyOrder) =>
        KernelRowCopy.Supports(layer) && (anyOrder || layer.Mac.Order == ReductionOrder.ChannelLast)
            ? new KernelRowCopy(layer, input)
            : new WindowGather<short, short>(layer, input, subtractsOffset: false);

    /// <summary>The fastest requantization of 32-bit accumulators into 16-bit storage.</summary>
    /// <param name="shape">The layer's sizes.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="accumulators">Every accumulator.</param>
    public static OutputStage<int> Output(MacShape shape, StepPlace place, ExactRange accumulators)
    {
        Requantization[] channels = [.. shape.Layer.Requantization];
        var scalar = new ScalarOutput<int, short>(shape, place);
        if (RealOutput.Supports(channels)) return new RealOutput(shape, place, channels, scalar);
        if (OutputScaling.Of(channels) is not { } scaling) return scalar;
        if (scaling.Second is null && scaling.Fits(accumulators, channels, 32))
            return new IntOutput(shape, place, scaling, channels, scalar);
        return scaling.Fits(accumulators, channels, 64)
            ? new LongOutput(shape, place, new(scaling, channels, place.Output.Offset), scalar)
            : scalar;
    }
}
