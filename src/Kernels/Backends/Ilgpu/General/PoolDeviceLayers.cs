using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Maximum over windows.</summary>
internal sealed class MaxPoolDeviceLayer(MaxPoolLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps =
        session.Upload(Tap.Of(layer.Geometry, layer.Input.Shape));

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) => session.Kernels.MaxPool(
        launch.Stream,
        launch.Images * layer.Output.Shape.Length,
        launch.Inputs[0],
        _taps.View,
        launch.Output,
        new(
            new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, layer.Input.Shape.Channels),
            (int)_taps.Length,
            Flag(layer.Input.IsSigned),
            layer.Output.MinRaw,
            layer.Output.MaxRaw,
            RoundingMode.TowardNegative,
            Events: 0));

    /// <inheritdoc/>
    public override void Dispose() => _taps.Dispose();
}

/// <summary>Rounded mean over windows.</summary>
internal sealed class AveragePoolDeviceLayer(AveragePoolLayer layer, DeviceSession session)
    : DeviceLayer
{
    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps =
        session.Upload(Tap.Of(layer.Geometry, layer.Input.Shape));

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) => session.Kernels.AveragePool(
        launch.Stream,
        launch.Images * layer.Output.Shape.Length,
        launch.Inputs[0],
        _taps.View,
        launch.Output,
        launch.Events,
        new(
            new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, layer.Input.Shape.Channels),
            (int)_taps.Length,
            Flag(layer.Input.IsSigned),
            layer.Output.MinRaw,
            layer.Output.MaxRaw,
            layer.Rounding,
            launch.CollectsEvents),
        launch.Key);

    /// <inheritdoc/>
    public override void Dispose() => _taps.Dispose();
}
