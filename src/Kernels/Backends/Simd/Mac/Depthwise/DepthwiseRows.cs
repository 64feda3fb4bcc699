using QSim.Kernels.Backends.Simd.Mac.Bounded;
using QSim.Kernels.Backends.Simd.Mac.Packed;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Depthwise;

/// <summary>
/// Steps of the rows for layers of which every output channel reads one input channel: channels
/// lie side by side in memory, so all groups are worked on as one. None of them counts events but
/// where there can be none.
/// </summary>
internal static class DepthwiseRows
{
    /// <summary>Sums modulo 2^32.</summary>
    public static RowStep Sums(MacShape shape, StepPlace place, PackedSum sum)
    {
        MacShape all = Together(shape);
        RowSource<short> rows = Rows(shape.Layer, place);
        return PackedRows.Step(
            all, place, rows,
            PackedRows.Finished(
                DepthwiseLayers.Sums(all, rows, sum), sum.Finish, sum.FinishIsUpdate),
            null, sum.Range, sum.FinishIsUpdate, sum.HasNoEvents || sum.FinishIsUpdate);
    }

    /// <summary>16-bit accumulators, plain or saturating.</summary>
    public static RowStep Shorts(MacShape shape, StepPlace place, ShortSum sum)
    {
        MacShape all = Together(shape);
        RowSource<short> rows = Rows(shape.Layer, place, sum.InputAdd, sum.InputShift);
        return PackedRows.Step(
            all, place, rows,
            PackedRows.Finished(
                PackedLoops.Depthwise(all, rows, sum), sum.Finish, isUpdate: false),
            null, sum.Range, raises: false, sum.IsExact && sum.Term == ShortTerm.Whole);
    }

    /// <summary>Saturating step by step in 32 bits.</summary>
    public static RowStep Saturating(MacShape shape, StepPlace place, BoundedSum sum)
    {
        MacShape all = Together(shape);
        RowSource<short> rows = Rows(shape.Layer, place, sum.InputAdd);
        return PackedRows.Step(
            all, place, rows, DepthwiseLayers.Saturating(all, rows, sum), null,
            ExactRange.Of(shape.Layer.Mac.Update), raises: false, countsEvents: false);
    }

    private static MacShape Together(MacShape shape) => new(shape.Layer, together: true);

    private static RowSource<short> Rows(
        MacLayer layer, StepPlace place, int add = 0, int shift = 0) =>
        PackedRows.Adjusted(
            DepthwiseLayers.Rows(
                layer, place.Inputs[0], PackedRows.Padding(layer, place.Inputs[0], add, shift)),
            place, add, shift);
}
