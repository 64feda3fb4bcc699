using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Both ends of a tensor's range.</summary>
internal sealed class RangeDeviceLayer(
    RangeLayer layer, QuantizedProgram program, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, int>(DynamicKernels.Range))(
            launch.Stream, launch.Images, launch.Inputs[0], launch.Output,
            program.Tensor(layer.Inputs[0]).Shape.Length);
}

/// <summary>Numbers to 8 bits.</summary>
internal sealed class DynamicQuantizeDeviceLayer(
    DynamicQuantizeLayer layer, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, LayerResults, int,
            int>(DynamicKernels.Quantize))(
            launch.Stream, launch.Images * length, launch.Inputs[0], launch.Inputs[1],
            launch.Results, length, launch.CollectsEvents);
    }
}

/// <summary>Sums to numbers.</summary>
internal sealed class DynamicRescaleDeviceLayer(
    DynamicRescaleLayer layer, QuantizedProgram program, DeviceSession session) : DeviceLayer
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _steps =
        session.Upload(layer.WeightSteps.ToArray());
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _bias =
        session.Upload(layer.Bias.ToArray());

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<int>, ElementSpec, int, ArrayView<int>, int>(DynamicKernels.Rescale))(
            launch.Stream, launch.Images * length, launch.Inputs[0], launch.Inputs[1],
            _steps.View, _bias.View, launch.Output,
            new(
                Flag(program.Tensor(layer.Inputs[0]).IsSigned), length, length, Offset: 0,
                Events: 0),
            layer.Output.Shape.Positions, launch.Inputs[^1], Flag(layer.Inputs.Length > 2));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _steps.Dispose();
        _bias.Dispose();
    }
}

/// <summary>A sum of two tensors.</summary>
internal sealed class FloatAddDeviceLayer(FloatAddLayer layer, DeviceSession session)
    : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) =>
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>>(DynamicKernels.Add))(
            launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0],
            launch.Inputs[1], launch.Output);
}
