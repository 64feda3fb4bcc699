using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// How far one step of a window lies from the step before it, the first from the window's origin.
/// Kernels walk: a place that moves with the loop is computed once, whereas ILGPU sinks one that
/// does not into the loop.
/// </summary>
/// <param name="Rows">Rows down.</param>
/// <param name="Columns">Columns right.</param>
/// <param name="Distance">The sum of both and of channels, in the input tensor.</param>
/// <param name="Spare">Nothing: sixteen bytes are read at once, twelve in three pieces.</param>
internal readonly record struct Tap(int Rows, int Columns, int Distance, int Spare = 0)
{
    /// <summary>
    /// One entry per step of a multiply-accumulate layer, in the order of its reduction.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="restart">Steps after which the distance counts from the origin again.</param>
    public static Tap[] Of(MacLayer layer, int restart) =>
        Walk(layer.Geometry, layer.Input.Shape, ReductionPlan.WeightIndices(layer), restart);

    /// <summary>One entry per place of a pooling window.</summary>
    public static Tap[] Of(WindowGeometry window, TensorShape input)
    {
        int places = window.KernelRows * window.KernelColumns;
        return Walk(window, input, [.. Enumerable.Range(0, places)], places);
    }

    private static Tap[] Walk(WindowGeometry window, TensorShape input, int[] order, int restart)
    {
        Tap[] places = [.. order.Select(i => At(window, input, i))];
        return
        [
            .. places.Select((place, i) => i % restart == 0 ? place : place.From(places[i - 1])),
        ];
    }

    private static Tap At(WindowGeometry window, TensorShape input, int index)
    {
        int row = index / window.KernelColumns % window.KernelRows * window.DilationRows;
        int column = index % window.KernelColumns * window.DilationColumns;
        int channel = index / window.KernelColumns / window.KernelRows;
        return new(row, column, (channel * input.Positions) + (row * input.Columns) + column);
    }

    private Tap From(Tap before) =>
        new(Rows - before.Rows, Columns - before.Columns, Distance - before.Distance);
}
