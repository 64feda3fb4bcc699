using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Images made larger, one thread per value that is written.</summary>
internal static class FloatResizeKernels
{
    /// <summary>A value of the output.</summary>
    public static void Resize(
        Index1D index, ArrayView<int> input, ArrayView<int> output, FloatResize form,
        ArrayView<FloatBlend> rows, ArrayView<FloatBlend> columns)
    {
        int wide = (int)columns.Length, positions = (int)rows.Length * wide;
        int position = index % positions, width = wide / form.Columns;
        int plane = index / positions * (positions / form.Rows / form.Columns);
        output[index] = (int)form.At(
            new Plane(input, plane), rows[position / wide], columns[position % wide], width);
    }

    private readonly struct Plane(ArrayView<int> numbers, int first) : IFloatPlane
    {
        public long At(int place) => numbers[first + place];
    }
}

/// <summary>Float32 images made larger.</summary>
internal sealed class FloatResizeDeviceLayer(FloatResizeLayer layer, DeviceSession session)
    : DeviceLayer
{
    private readonly MemoryBuffer1D<FloatBlend, Stride1D.Dense> _rows =
        session.Upload(layer.Rows);
    private readonly MemoryBuffer1D<FloatBlend, Stride1D.Dense> _columns =
        session.Upload(layer.Columns);

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, FloatResize, ArrayView<FloatBlend>,
            ArrayView<FloatBlend>>(FloatResizeKernels.Resize))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Output, layer.Form, _rows.View, _columns.View);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _rows.Dispose();
        _columns.Dispose();
    }
}
