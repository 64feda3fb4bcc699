using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Layers that sum float32 numbers.</summary>
internal static class FloatRowKernels
{
    /// <summary>A softmax over each image, one thread per image, which sums once.</summary>
    public static void Softmax(
        Index1D index, ArrayView<int> input, ArrayView<int> output, int count)
    {
        int first = index * count;
        FloatSoftmaxRow row = FloatSoftmax.Of(new Numbers(input, first, 1), count);
        for (int i = first; i < first + count; i++) output[i] = (int)row.Share(input[i]);
    }

    /// <summary>
    /// Products of channels that stand together, summed, one thread per value that is written.
    /// </summary>
    public static void ProductSum(
        Index1D index, ArrayView<int> first, ArrayView<int> second, ArrayView<int> output,
        FloatProductSum sum, int positions)
    {
        int from = (index / positions * positions * sum.Depth) + (index % positions);
        output[index] = (int)sum.At(
            new Numbers(first, from, positions), new Numbers(second, from, positions),
            index % positions, positions);
    }

    /// <summary>A norm of each channel, one thread per channel, which sums once.</summary>
    public static void Norm(
        Index1D index, ArrayView<int> input, ArrayView<int> output, FloatNorm norm,
        ArrayView<int> factors, ArrayView<int> shifts)
    {
        int count = (int)factors.Length, first = index * count;
        FloatNormRow row = norm.Of(new Numbers(input, first, 1), count);
        for (int i = 0; i < count; i++)
            output[first + i] = (int)row.Value(input[first + i], factors[i], shifts[i]);
    }

    private readonly struct Numbers(ArrayView<int> numbers, int first, int step) : IFloatPlane
    {
        public long At(int place) => numbers[first + (place * step)];
    }
}

/// <summary>Exponentials over their sum.</summary>
internal sealed class FloatSoftmaxDeviceLayer(FloatSoftmaxLayer layer, DeviceSession session)
    : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int count = layer.Output.Shape.Length;
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, int>(FloatRowKernels.Softmax))(
            launch.Stream, launch.Images, launch.Inputs[0], launch.Output, count);
    }
}

/// <summary>A norm of each channel.</summary>
internal sealed class FloatNormDeviceLayer(FloatNormLayer layer, DeviceSession session)
    : DeviceLayer
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _factors =
        session.Upload(layer.Factors.ToArray());
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _shifts =
        session.Upload(layer.Shifts.ToArray());

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, FloatNorm, ArrayView<int>, ArrayView<int>>(
            FloatRowKernels.Norm))(
            launch.Stream, launch.Images * layer.Output.Shape.Channels, launch.Inputs[0],
            launch.Output, layer.Norm, _factors.View, _shifts.View);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _factors.Dispose();
        _shifts.Dispose();
    }
}

/// <summary>What channels that stand together come to.</summary>
internal sealed class FloatProductSumDeviceLayer(
    FloatProductSumLayer layer, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, FloatProductSum, int>(
            FloatRowKernels.ProductSum))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Inputs[1], launch.Output, layer.Sum, layer.Output.Shape.Positions);
}
