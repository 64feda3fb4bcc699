using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>
/// A convolution or dense layer on any datapath: by <see cref="FourMacKernel"/> where four filters
/// read the same, else by <see cref="MacKernel"/>.
/// </summary>
internal sealed class MacDeviceLayer(MacLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly MacConstants _constants = new(layer, session, TakesFours(layer));
    private readonly MacModes _modes = MacModes.Of(layer, events: false);

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        MacModes modes = _modes with { Events = launch.CollectsEvents };
        int threads = launch.Images * layer.Output.Shape.Length;
        MacOperands from = _constants.With(launch.Inputs[0]);
        if (TakesFours(layer))
        {
            session.Kernels.LaunchFours(
                launch, from, default, _constants.Sizes, new(modes, Marked: 0));
        }
        else if (session.Kernels.Specializes)
        {
            session.Kernels.Mac(
                launch.Stream, threads, from, launch.Results, _constants.Sizes, launch.Key,
                SpecializedValue.New(modes));
        }
        else
        {
            session.Kernels.AnyMac(
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
