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
        TensorLayout input = place.Inputs[0];
        if (!input.IsNarrow || !place.Output.IsNarrow) return null;
        return PackedSum.Of(shape.Layer, input) is { } sum ? Sums(shape, place, sum)
            : ShortSum.Of(shape.Layer, input) is { } shorts ? Terms(shape, place, shorts)
            : BoundedSum.Of(shape.Layer, input) is { } bounded ? Bounded(shape, place, bounded)
            : null;
    }

    private static PackedStep Sums(MacShape shape, StepPlace place, PackedSum sum)
    {
        bool besides = Depthwise.Supports(shape.Layer);
        MacShape sizes = besides ? new(shape.Layer, together: true) : shape;
        RowSource<short> rows = Rows(shape.Layer, place, besides, anyOrder: true);
        Accumulation<short, int> sums = besides
            ? Depthwise.Sums(sizes, rows, sum)
            : PackedLoops.Pairs(shape, rows, sum);
        if (sum.Finish is { } finish)
            sums = new FinishedAccumulation(sums, finish, sum.FinishIsUpdate);
        Accumulation<short, int>? flags =
            sum.HasNoEvents || sum.FinishIsUpdate || besides || sum.InputShift != 0
                ? null
                : PackedFlags.UntilOverflow(shape, place, rows, sums.Padded);
        bool raises = sum.FinishIsUpdate || flags is not null;
        return Step(sizes, place, rows, sums, flags, sum.Range, raises, sum.HasNoEvents || raises);
    }

    private static PackedStep Terms(MacShape shape, StepPlace place, ShortSum sum)
    {
        bool besides = Depthwise.Supports(shape.Layer) && Depthwise.FitsShorts(shape.Layer, sum);
        MacShape sizes = besides ? new(shape.Layer, together: true) : shape;
        RowSource<short> rows = Rows(
            shape.Layer, place, besides, anyOrder: !sum.Saturates, sum.InputAdd, sum.InputShift);
        Accumulation<short, int> terms = besides
            ? PackedLoops.Depthwise(sizes, rows, sum)
            : PackedLoops.Shorts(shape, rows, sum);
        if (sum.Finish is { } finish)
            terms = new FinishedAccumulation(terms, finish, isUpdate: false);
        bool whole = sum.Term == ShortTerm.Whole, exact = sum.IsExact;
        Accumulation<short, int>? flags =
            besides || (exact && whole) ? null
            : exact ? PackedFlags.Dropped(shape, rows, sum)
            : sum.Saturates && whole && shape.Layer.Mac.ProductStage == ProductStage.Exact
                ? PackedFlags.UntilOverflow(shape, place, rows, terms.Padded)
            : null;
        return Step(
            sizes, place, rows, terms, flags, sum.Range, flags is not null,
            flags is not null || (exact && whole));
    }

    private static PackedStep Bounded(MacShape shape, StepPlace place, BoundedSum sum)
    {
        bool besides =
            Depthwise.Supports(shape.Layer) && shape.Layer.Facts.Lanes == 1;
        MacShape sizes = besides ? new(shape.Layer, together: true) : shape;
        RowSource<short> rows = Rows(shape.Layer, place, besides, anyOrder: false, sum.InputAdd);
        Accumulation<short, int> sums = besides
            ? Depthwise.Saturating(sizes, rows, sum)
            : PackedLoops.Bounded(shape, rows, sum);
        return Step(
            sizes, place, rows, sums, null, ExactRange.Of(shape.Layer.Mac.Update), !besides,
            !besides);
    }

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="rows">Where inputs come from.</param>
    /// <param name="values">Accumulates them.</param>
    /// <param name="flags">Raises flags, where that does not.</param>
    /// <param name="range">Every accumulator.</param>
    /// <param name="raises">Whether either raises flags.</param>
    /// <param name="countsEvents">Whether that is all that runs with events need.</param>
    private static PackedStep Step(
        MacShape shape, StepPlace place, RowSource<short> rows, Accumulation<short, int> values,
        Accumulation<short, int>? flags, ExactRange range, bool raises, bool countsEvents) =>
        new(
            new MacStep<short, int>(
                shape, rows, flags is null ? values : new FlaggedAccumulation(values, flags),
                Output(shape, place, range), raises),
            countsEvents);

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
                shape, place, channels,
                TileEvents.Of(shape, place, new RealEvents(shape, channels)));
        if (OutputScaling.Of(channels) is not { } scaling
            || !scaling.Fits(accumulators, channels, 64))
            return scalar;
        if (scaling.Second is null && scaling.Fits(accumulators, channels, 32))
            return new IntOutput(
                shape, place, scaling, channels,
                TileEvents.Of(
                    shape, place, new ScaledEvents<int>(shape.GroupChannels, scaling, channels)));
        var events = TileEvents.Of(
            shape, place, new ScaledEvents<long>(shape.GroupChannels, scaling, channels));
        return MultiplierOutput.Supports(channels, scaling, accumulators)
            ? new MultiplierOutput(shape, place, channels, events)
            : new LongOutput(
                shape, place, new(scaling, channels, place.Output.Offset), events);
    }
}
