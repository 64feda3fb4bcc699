using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Float32 numbers to integers and back, one thread per value.</summary>
internal static class FloatScaleKernels
{
    /// <summary>Integers to numbers.</summary>
    public static void Dequantize(
        Index1D index, ArrayView<int> integers, ArrayView<int> output, FloatScale scale,
        int isSigned) =>
        output[index] = (int)scale.Number(Raw.Load(integers[index], isSigned));

    /// <summary>Numbers to integers.</summary>
    public static void Quantize(
        Index1D index, ArrayView<int> numbers, LayerResults to, FloatScale scale, int min, int max,
        int collectsEvents)
    {
        var met = ConversionEvents.None;
        to.Output[index] = (int)scale.Raw(numbers[index], min, max, ref met);
        if (collectsEvents == 1) to.Events[index] = EventFlags.Of(EventStage.Output, met);
    }
}

/// <summary>Integers to numbers.</summary>
internal sealed class FloatDequantizeDeviceLayer(
    FloatDequantizeLayer layer, QuantizedProgram program, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, FloatScale, int>(
            FloatScaleKernels.Dequantize))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Output, layer.Scale, Flag(program.Tensor(layer.Inputs[0]).IsSigned));
}

/// <summary>Numbers to integers.</summary>
internal sealed class FloatQuantizeDeviceLayer(FloatQuantizeLayer layer, DeviceSession session)
    : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, LayerResults, FloatScale, int, int, int>(
            FloatScaleKernels.Quantize))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Results, layer.Scale, (int)layer.Output.MinRaw, (int)layer.Output.MaxRaw,
            launch.CollectsEvents);
}
