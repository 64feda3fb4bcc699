using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>Where one step of a window reads, relative to the window's first row and column.</summary>
/// <param name="Row">Rows down.</param>
/// <param name="Column">Columns right.</param>
/// <param name="Offset">The sum of both and the channel as a distance in the input tensor.</param>
public readonly record struct Tap(int Row, int Column, int Offset)
{
    /// <summary>One entry per step of a multiply-accumulate layer, in the order of its reduction.</summary>
    public static Tap[] Of(MacLayer layer) =>
        [.. ReductionPlan.WeightIndices(layer).Select(i => At(layer.Geometry, layer.Input.Shape, i))];

    /// <summary>One entry per place of a pooling window.</summary>
    public static Tap[] Of(WindowGeometry window, TensorShape input) =>
        [.. Enumerable.Range(0, window.KernelRows * window.KernelColumns).Select(i => At(window, input, i))];

    private static Tap At(WindowGeometry window, TensorShape input, int index)
    {
        int row = index / window.KernelColumns % window.KernelRows * window.DilationRows;
        int column = index % window.KernelColumns * window.DilationColumns;
        int channel = index / window.KernelColumns / window.KernelRows;
        return new(row, column, (channel * input.Positions) + (row * input.Columns) + column);
    }
}
