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
            new Numbers(first, from, positions), new Numbers(second, from, positions));
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
