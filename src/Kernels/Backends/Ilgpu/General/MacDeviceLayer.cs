using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>A convolution or dense layer by <see cref="MacKernel"/>: any datapath.</summary>
internal sealed class MacDeviceLayer(MacLayer layer, DeviceSession session) : DeviceLayer
{
    private readonly MacConstants _constants = new(layer, session);

    /// <inheritdoc/>
    public override void Launch(in LayerLaunch launch)
    {
        MacModes modes = MacModes.Of(layer, launch.CollectsEvents == 1);
        int threads = launch.Images * layer.Output.Shape.Length;
        MacOperands from = _constants.With(launch.Inputs[0]);
        if (session.Kernels.Specializes)
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
}
