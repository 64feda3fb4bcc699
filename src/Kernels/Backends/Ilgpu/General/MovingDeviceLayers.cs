using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Values moved, repeated or left out.</summary>
internal sealed class RearrangeDeviceLayer(RearrangeLayer layer, DeviceSession session)
    : DeviceLayer
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _sources =
        session.Upload(layer.Sources.ToArray());

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>, ElementSpec,
            int>(ElementwiseKernels.Rearrange))(
            launch.Stream, launch.Images * length, launch.Inputs[0], _sources.View, launch.Output,
            new(InputSigned: 0, layer.Input.Shape.Length, length, Offset: 0, Events: 0),
            layer.Output.ZeroPoint);
    }

    /// <inheritdoc/>
    public override void Dispose() => _sources.Dispose();
}

/// <summary>A product of two tensors.</summary>
internal sealed class MultiplyDeviceLayer(
    MultiplyLayer layer, QuantizedProgram program, DeviceSession session) : DeviceLayer
{
    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        int length = layer.Output.Shape.Length;
        session.Kernels.Of(static a => a.LoadAutoGroupedKernel<
            Index1D, ArrayView<int>, ArrayView<int>, LayerResults, PairSpec, Requantization,
            RunKey>(ElementwiseKernels.Multiply))(
            launch.Stream, launch.Images * length, launch.Inputs[0], launch.Inputs[1],
            launch.Results,
            new(
                length, Flag(program.Tensor(layer.Inputs[0]).IsSigned),
                Flag(program.Tensor(layer.Inputs[1]).IsSigned),
                new(layer.ZeroPoints.First, 1), new(layer.ZeroPoints.Second, 1), default,
                launch.CollectsEvents),
            layer.Requantization, launch.Key);
    }
}
