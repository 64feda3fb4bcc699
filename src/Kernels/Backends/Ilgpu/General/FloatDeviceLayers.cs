using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Layers of float32 numbers, one thread per value that is written.</summary>
internal static class FloatKernels
{
    /// <summary>A product of two tensors.</summary>
    public static void Multiply(
        Index1D index, ArrayView<int> first, ArrayView<int> second, ArrayView<int> output) =>
        output[index] = (int)FloatMultiplyLayer.Product(first[index], second[index]);

    /// <summary>A quotient of two tensors.</summary>
    public static void Divide(
        Index1D index, ArrayView<int> first, ArrayView<int> second, ArrayView<int> output) =>
        output[index] = (int)FloatDivideLayer.Quotient(first[index], second[index]);

    /// <summary>A function.</summary>
    public static void Point(
        Index1D index, ArrayView<int> input, ArrayView<int> output, FloatFunction function, int a,
        int b) =>
        output[index] = (int)FloatFunctions.Value(function, a, b, input[index]);

    /// <summary>The same, compiled for one function: all of them are a long text.</summary>
    public static void PointOf(
        Index1D index, ArrayView<int> input, ArrayView<int> output, int a, int b,
        SpecializedValue<PointModes> modes) =>
        Point(index, input, output, modes.Value.Function, a, b);

    /// <summary>A factor and a shift of each channel.</summary>
    public static void Affine(
        Index1D index, ArrayView<int> input, ArrayView<int> output, FloatScaling scaling,
        ArrayView<int> factors, ArrayView<int> shifts, int positions)
    {
        int channel = (int)(index / positions % factors.Length);
        output[index] = (int)FloatAffineLayer.Value(
            scaling, factors[channel], shifts[channel], input[index]);
    }

    /// <summary>Means of windows.</summary>
    public static void Average(
        Index1D index, ArrayView<int> input, ArrayView<int> output, FloatMean mean, int channels)
    {
        int positions = mean.Rows.Output * mean.Columns.Output;
        int plane = index / positions, length = mean.Rows.Input * mean.Columns.Input;
        output[index] = (int)mean.At(
            new Plane(input, plane * length), plane % channels, index % positions);
    }

    private readonly struct Plane(ArrayView<int> numbers, int first) : IFloatPlane
    {
        public long At(int place) => numbers[first + place];
    }
}

/// <summary>A product of two tensors.</summary>
internal sealed class FloatMultiplyDeviceLayer(FloatMultiplyLayer layer, DeviceSession session)
    : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>>(FloatKernels.Multiply))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Inputs[1], launch.Output);
}

/// <summary>A quotient of two tensors.</summary>
internal sealed class FloatDivideDeviceLayer(FloatDivideLayer layer, DeviceSession session)
    : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>>(FloatKernels.Divide))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Inputs[1], launch.Output);
}

/// <summary>What is fixed in the kernel of a function. Blittable.</summary>
internal readonly record struct PointModes(FloatFunction Function);

/// <summary>A function of each number.</summary>
internal sealed class FloatPointDeviceLayer(FloatPointLayer layer, DeviceSession session)
    : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int values = launch.Images * layer.Output.Shape.Length;
        if (session.Kernels.Specializes)
            session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
                Index1D, ArrayView<int>, ArrayView<int>, int, int,
                SpecializedValue<PointModes>>(FloatKernels.PointOf))(
                launch.Stream, values, launch.Inputs[0], launch.Output, layer.A, layer.B,
                SpecializedValue.New(new PointModes(layer.Function)));
        else
            session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
                Index1D, ArrayView<int>, ArrayView<int>, FloatFunction, int,
                int>(FloatKernels.Point))(
                launch.Stream, values, launch.Inputs[0], launch.Output, layer.Function, layer.A,
                layer.B);
    }
}

/// <summary>A factor and a shift of each channel.</summary>
internal sealed class FloatAffineDeviceLayer(FloatAffineLayer layer, DeviceSession session)
    : DeviceLayer
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _factors =
        session.Upload(layer.Factors.ToArray());
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _shifts =
        session.Upload(layer.Shifts.ToArray());

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, FloatScaling, ArrayView<int>,
            ArrayView<int>, int>(FloatKernels.Affine))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Output, layer.Scaling, _factors.View, _shifts.View,
            layer.Output.Shape.Positions);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _factors.Dispose();
        _shifts.Dispose();
    }
}

/// <summary>Means.</summary>
internal sealed class FloatAverageDeviceLayer(FloatAverageLayer layer, DeviceSession session)
    : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, FloatMean, int>(FloatKernels.Average))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Output, layer.Mean, layer.Input.Channels);
}
