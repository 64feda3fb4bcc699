using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>Maximum over windows.</summary>
internal sealed class MaxPoolDeviceLayer(MaxPoolLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly PoolConstants _constants =
        new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, session);

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) => session.Kernels.MaxPool(
        launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0], launch.Output,
        _constants.Window, Flag(layer.Input.IsSigned));

    /// <inheritdoc/>
    public override void Dispose() => _constants.Dispose();
}

/// <summary>Rounded mean over windows.</summary>
internal sealed class AveragePoolDeviceLayer(AveragePoolLayer layer, DeviceSession session)
    : DeviceLayer
{
    private readonly PoolConstants _constants =
        new(layer.Geometry, layer.Input.Shape, layer.Output.Shape, session);

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch) => session.Kernels.AveragePool(
        launch.Stream, launch.Images * layer.Output.Shape.Length, launch.Inputs[0], launch.Results,
        _constants.Window,
        new(
            Flag(layer.Input.IsSigned), layer.Output.MinRaw, layer.Output.MaxRaw, layer.Unit,
            launch.CollectsEvents),
        launch.Key);

    /// <inheritdoc/>
    public override void Dispose() => _constants.Dispose();
}
