using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// A convolution or dense layer on any datapath: four filters a thread where they read the same
/// (<see cref="FourLauncher"/>), else by <see cref="MacKernel"/>.
/// </summary>
internal sealed class MacDeviceLayer : DeviceLayer
{
    private readonly MacLayer _layer;
    private readonly KernelSet _kernels;
    private readonly MacConstants _constants;
    private readonly MacModes _modes;
    private readonly FourLauncher? _fours;

    /// <summary>Uploads the layer's constants.</summary>
    public MacDeviceLayer(MacLayer layer, DeviceSession session)
    {
        (_layer, _kernels) = (layer, session.Kernels);
        _constants = new(layer, session, TakesFours(layer));
        _modes = MacModes.Of(layer, events: false);
        if (TakesFours(layer)) _fours = new(layer, _kernels, _constants);
    }

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        MacModes modes = _modes with { Events = launch.CollectsEvents };
        int threads = launch.Images * _layer.Output.Shape.Length;
        MacOperands from = _constants.With(launch.Inputs[0]);
        if (_fours is not null)
        {
            _fours.Launch(launch, default, modes, isMarked: false);
        }
        else if (_kernels.Specializes)
        {
            _kernels.Mac(
                launch.Stream, threads, from, launch.Results, _constants.Sizes, launch.Key,
                SpecializedValue.New(modes));
        }
        else
        {
            _kernels.AnyMac(
                launch.Stream, threads, from, launch.Results, _constants.Sizes, launch.Key, modes);
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _constants.Dispose();

    private static bool TakesFours(MacLayer layer)
    {
        int groups = layer.Geometry.Groups, channels = layer.Output.Shape.Channels;
        return groups == 1
            ? channels > 2
            : channels / groups % FourMacKernel.Filters == 0;
    }
}
