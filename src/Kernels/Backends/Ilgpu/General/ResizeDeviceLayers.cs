using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Images made larger, one thread per value that is written.</summary>
internal static class ResizeKernels
{
    /// <summary>A value of float32 numbers.</summary>
    public static void OfNumbers(
        Index1D index, ArrayView<int> input, ArrayView<int> output, ResizeOrder order,
        ResizePlane place, ArrayView<ResizeBlend> rows, ArrayView<ResizeBlend> columns)
    {
        int position = index % place.Positions;
        output[index] = (int)FloatResize.At(
            order, new Plane(input, index / place.Positions * place.Length),
            rows[position / place.Columns], columns[position % place.Columns], place.Width);
    }

    /// <summary>A value of integers.</summary>
    public static void OfIntegers(
        Index1D index, ArrayView<int> input, ArrayView<int> output, ResizePlane place,
        ArrayView<ResizeBlend> rows, ArrayView<ResizeBlend> columns)
    {
        int position = index % place.Positions, from = index / place.Positions * place.Length;
        ResizeBlend row = rows[position / place.Columns];
        ResizeBlend column = columns[position % place.Columns];
        int first = from + (row.First * place.Width), second = from + (row.Second * place.Width);
        output[index] = (int)ResizeLayer.At(
            row, column, input[first + column.First], input[first + column.Second],
            input[second + column.First], input[second + column.Second]);
    }

    private readonly struct Plane(ArrayView<int> numbers, int first) : IFloatPlane
    {
        public long At(int place) => numbers[first + place];
    }
}

/// <summary>Sizes of a channel. Blittable.</summary>
/// <param name="Length">Values of one that is read.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Positions">Values of one that is written.</param>
/// <param name="Columns">Its columns.</param>
internal readonly record struct ResizePlane(int Length, int Width, int Positions, int Columns)
{
    /// <summary>Of two shapes.</summary>
    public static ResizePlane Of(TensorShape from, TensorShape to) =>
        new(from.Positions, from.Columns, to.Positions, to.Columns);
}

/// <summary>Float32 images made larger.</summary>
internal sealed class FloatResizeDeviceLayer(FloatResizeLayer layer, DeviceSession session)
    : DeviceLayer
{
    private readonly MemoryBuffer1D<ResizeBlend, Stride1D.Dense> _rows =
        session.Upload(layer.Rows);
    private readonly MemoryBuffer1D<ResizeBlend, Stride1D.Dense> _columns =
        session.Upload(layer.Columns);

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ResizeOrder, ResizePlane,
            ArrayView<ResizeBlend>, ArrayView<ResizeBlend>>(ResizeKernels.OfNumbers))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Output, layer.Order, ResizePlane.Of(layer.Input, layer.Output.Shape),
            _rows.View, _columns.View);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _rows.Dispose();
        _columns.Dispose();
    }
}

/// <summary>Images of integers made larger.</summary>
internal sealed class ResizeDeviceLayer(ResizeLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly MemoryBuffer1D<ResizeBlend, Stride1D.Dense> _rows =
        session.Upload(layer.Rows);
    private readonly MemoryBuffer1D<ResizeBlend, Stride1D.Dense> _columns =
        session.Upload(layer.Columns);

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ResizePlane, ArrayView<ResizeBlend>,
            ArrayView<ResizeBlend>>(ResizeKernels.OfIntegers))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Output, ResizePlane.Of(layer.Input.Shape, layer.Output.Shape), _rows.View,
            _columns.View);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _rows.Dispose();
        _columns.Dispose();
    }
}
