using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Convolutions of float32 numbers, one thread per value that is written.</summary>
internal static class FloatMacKernels
{
    /// <summary>The sum of one output.</summary>
    public static void Sum(
        Index1D index, ArrayView<int> input, ArrayView<int> output, FloatMacSum sum,
        ArrayView<int> weights, ArrayView<int> bias)
    {
        int positions = sum.Rows.Output * sum.Columns.Output, channels = (int)bias.Length;
        int channel = index / positions % channels, image = index / positions / channels;
        int length = channels / sum.Outputs * sum.Channels * sum.Rows.Input * sum.Columns.Input;
        output[index] = (int)sum.At(
            new Numbers(input, image * length), new Numbers(weights, 0), bias[channel], channel,
            index % positions);
    }

    private readonly struct Numbers(ArrayView<int> numbers, int first) : IFloatPlane
    {
        public long At(int place) => numbers[first + place];
    }
}

/// <summary>A convolution or dense layer of float32 numbers.</summary>
internal sealed class FloatMacDeviceLayer(FloatMacLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _weights =
        session.Upload(layer.Weights.ToArray());
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _bias =
        session.Upload(layer.Bias.ToArray());

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, FloatMacSum, ArrayView<int>, ArrayView<int>>(
            FloatMacKernels.Sum))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Output, layer.Sum, _weights.View, _bias.View);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
    }
}
