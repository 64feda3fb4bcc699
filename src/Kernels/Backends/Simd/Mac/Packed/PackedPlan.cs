using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Events;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>A step on 16-bit operands, and whether it counts events too.</summary>
internal sealed record PackedStep(Step Step, bool CountsEvents);

/// <summary>
/// Prepares a layer for the loops over pairs of 16-bit operands, where a law allows one.
/// </summary>
internal static class PackedPlan
{
    /// <summary>Null when the layer needs its steps taken one by one.</summary>
    public static PackedStep? Prepare(MacShape shape, StepPlace place)
    {
        MacLayer layer = shape.Layer;
        TensorLayout input = place.Inputs[0];
        if (!input.IsNarrow || !place.Output.IsNarrow) return null;
        bool depthwise = Depthwise.Supports(layer);
        var together = new MacShape(layer, together: depthwise);
        if (PackedSum.Of(layer, input) is { } sum)
        {
            RowSource<short> rows = Rows(layer, place, depthwise, anyOrder: true);
            Accumulation<short, int> sums = depthwise
                ? Depthwise.Sums(together, rows, sum)
                : PackedLoops.Pairs(shape, rows, sum);
            return Step(together, rows, Finished(sums, sum.Finish), sum.Range, sum.HasNoEvents);
        }

        if (ShortSum.Of(layer, input) is { } shorts)
        {
            bool besides = depthwise && Depthwise.FitsShorts(layer, shorts);
            RowSource<short> rows = Rows(
                layer, place, besides, anyOrder: !shorts.Saturates, shorts.InputAdd,
                shorts.InputShift);
            Accumulation<short, int> terms = besides
                ? PackedLoops.Depthwise(together, rows, shorts)
                : PackedLoops.Shorts(shape, rows, shorts);
            return Step(
                besides ? together : shape, rows, Finished(terms, shorts.Finish), shorts.Range,
                false);
        }

        if (BoundedSum.Of(layer, input) is { } bounded)
        {
            bool besides = depthwise && new MacSteps(layer).Lanes == 1;
            RowSource<short> rows = Rows(
                layer, place, besides, anyOrder: false, bounded.InputAdd);
            Accumulation<short, int> sums = besides
                ? Depthwise.Saturating(together, rows, bounded)
                : PackedLoops.Bounded(shape, rows, bounded);
            return Step(
                besides ? together : shape, rows, sums, ExactRange.Of(layer.Mac.Update), false);
        }

        return null;

        PackedStep Step(
            MacShape sizes, RowSource<short> rows, Accumulation<short, int> accumulation,
            ExactRange range, bool countsEvents) =>
            new(
                new MacStep<short, int>(
                    sizes, rows, accumulation, Output(sizes, place, range), raisesFlags: false),
                countsEvents
            );
    }

    private static Accumulation<short, int> Finished(
        Accumulation<short, int> sums, ConversionSpec? finish) =>
        finish is { } conversion ? new FinishedAccumulation(sums, conversion) : sums;

    /// <summary>
    /// Every value <c>(stored + add) &lt;&lt; shift</c>: whole kernel rows where the order is
    /// memory's or does not matter, or where channels lie side by side.
    /// </summary>
    private static RowSource<short> Rows(
        MacLayer layer, StepPlace place, bool besides, bool anyOrder, int add = 0, int shift = 0)
    {
        TensorLayout input = place.Inputs[0];
        var padding = (short)((layer.Input.ZeroPoint - input.Offset + add) << shift);
        bool copies = KernelRowCopy.Supports(layer)
            && (anyOrder || layer.Mac.Order == ReductionOrder.ChannelLast);
        RowSource<short> rows =
            besides ? Depthwise.Rows(layer, input, padding)
            : copies ? new KernelRowCopy(layer, input, padding)
            : new WindowGather<short, short>(layer, input, padding);
        return add == 0 && shift == 0 ? rows : new AdjustedRows(rows, place, add, shift);
    }

    /// <summary>The fastest requantization of 32-bit accumulators into 16-bit storage.</summary>
    /// <param name="shape">The layer's sizes.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="accumulators">Every accumulator.</param>
    public static OutputStage<int> Output(MacShape shape, StepPlace place, ExactRange accumulators)
    {
        Requantization[] channels = [.. shape.Layer.Requantization];
        var scalar = new ScalarOutput<int, short>(shape, place);
        if (RealOutput.Supports(channels))
            return new RealOutput(
                shape, place, channels, new(shape, place, new RealEvents(shape, channels)));
        if (OutputScaling.Of(channels) is not { } scaling
            || !scaling.Fits(accumulators, channels, 64))
            return scalar;
        if (scaling.Second is null && scaling.Fits(accumulators, channels, 32))
            return new IntOutput(
                shape, place, scaling, channels,
                new(shape, place, new ScaledEvents<int>(shape, scaling, channels)));
        var events = new TileEvents(
            shape, place, new ScaledEvents<long>(shape, scaling, channels));
        return MultiplierOutput.Supports(channels, scaling, accumulators)
            ? new MultiplierOutput(shape, place, channels, events)
            : new LongOutput(
                shape, place, new(scaling, channels, place.Output.Offset), events);
    }
}
