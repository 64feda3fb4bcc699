using QSim.Kernels.Backends.Simd.Mac.Bounded;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>Steps of the rows that work on pairs of 16-bit operands.</summary>
internal static class PackedRows
{
    /// <summary>Exact sums.</summary>
    public static RowStep Pairs(MacShape shape, StepPlace place, PackedSum sum)
    {
        RowSource<short> rows = Rows(shape.Layer, place, anyOrder: true);
        Accumulation<short, int> sums = Finished(
            PackedLoops.Pairs(shape, rows, sum), sum.Finish, sum.FinishIsUpdate);
        Accumulation<short, int>? flags =
            sum.HasNoEvents || sum.FinishIsUpdate || sum.InputShift != 0
                ? null
                : PackedFlags.UntilOverflow(shape, place, rows, sums.Padded);
        bool raises = sum.FinishIsUpdate || flags is not null;
        return Step(shape, place, rows, sums, flags, sum.Range, raises, sum.HasNoEvents || raises);
    }

    /// <summary>Accumulators of 16-bit terms.</summary>
    public static RowStep Shorts(MacShape shape, StepPlace place, ShortSum sum)
    {
        RowSource<short> rows = Rows(
            shape.Layer, place, anyOrder: !sum.Saturates, sum.InputAdd, sum.InputShift);
        Accumulation<short, int> terms = Finished(
            PackedLoops.Shorts(shape, rows, sum), sum.Finish, isUpdate: false);
        bool whole = sum.Term == ShortTerm.Whole, quiet = sum.IsExact && whole;
        Accumulation<short, int>? flags =
            quiet ? null
            : sum.IsExact ? PackedFlags.Dropped(shape, rows, sum)
            : sum.Saturates && whole && shape.Layer.Mac.ProductStage == ProductStage.Exact
                ? PackedFlags.UntilOverflow(shape, place, rows, terms.Padded)
            : null;
        bool raises = flags is not null;
        return Step(shape, place, rows, terms, flags, sum.Range, raises, raises || quiet);
    }

    /// <summary>Saturating accumulators that 32-bit sums follow.</summary>
    public static RowStep Bounded(MacShape shape, StepPlace place, BoundedSum sum)
    {
        RowSource<short> rows = Rows(shape.Layer, place, anyOrder: false, sum.InputAdd);
        return Step(
            shape, place, rows, PackedLoops.Bounded(shape, rows, sum), null,
            ExactRange.Of(shape.Layer.Mac.Update), raises: true, countsEvents: true);
    }

    /// <summary>Sums that are converted once at the end, where they have to be.</summary>
    public static Accumulation<short, int> Finished(
        Accumulation<short, int> sums, Arithmetic.ConversionSpec? finish, bool isUpdate) =>
        finish is { } conversion ? new FinishedAccumulation(sums, conversion, isUpdate) : sums;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="rows">Where inputs come from.</param>
    /// <param name="values">Accumulates them.</param>
    /// <param name="flags">Raises flags, where that does not.</param>
    /// <param name="range">Every accumulator.</param>
    /// <param name="raises">Whether either raises flags.</param>
    /// <param name="countsEvents">Whether that is all that runs with events need.</param>
    public static RowStep Step(
        MacShape shape, StepPlace place, RowSource<short> rows, Accumulation<short, int> values,
        Accumulation<short, int>? flags, ExactRange range, bool raises, bool countsEvents) =>
        new(
            new MacStep<short, int>(
                shape, rows, flags is null ? values : new FlaggedAccumulation(values, flags),
                OutputStages.Of(shape, place, range), raises),
            countsEvents);

    /// <summary>
    /// Every value <c>(stored + add) &lt;&lt; shift</c>: whole kernel rows where the order is
    /// memory's or does not matter.
    /// </summary>
    private static RowSource<short> Rows(
        MacLayer layer, StepPlace place, bool anyOrder, int add = 0, int shift = 0)
    {
        TensorLayout input = place.Inputs[0];
        short padding = Padding(layer, input, add, shift);
        bool copies = KernelRowCopy.Supports(layer)
            && (anyOrder || layer.Mac.Order == ReductionOrder.ChannelLast);
        RowSource<short> rows = copies
            ? new KernelRowCopy(layer, input, padding)
            : new WindowGather<short, short>(layer, input, padding);
        return Adjusted(rows, place, add, shift);
    }

    /// <summary>What stands for a place outside the image.</summary>
    public static short Padding(MacLayer layer, TensorLayout input, int add, int shift) =>
        (short)((layer.Input.ZeroPoint - input.Offset + add) << shift);

    /// <summary>Rows with something added to every value, then shifted.</summary>
    public static RowSource<short> Adjusted(
        RowSource<short> rows, StepPlace place, int add, int shift) =>
        add == 0 && shift == 0 ? rows : new AdjustedRows(rows, place, add, shift);
}
