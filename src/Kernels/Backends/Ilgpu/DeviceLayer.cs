using QSim.Kernels.Backends.Ilgpu.General;
using QSim.Kernels.Backends.Ilgpu.Packed;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// One layer on a device: its constants are there, and it can be launched on any lane.
/// </summary>
internal abstract class DeviceLayer : IDisposable
{
    /// <summary>Numbers of 64 bits that it needs beside its output, per image.</summary>
    public virtual long ScratchPerImage => 0;

    /// <summary>True for layers that some kernel is written for.</summary>
    public static bool Knows(ProgramLayer layer) =>
        layer
            is MacLayer
                or MaxPoolLayer
                or AveragePoolLayer
                or ClampLayer
                or ReshapeLayer
                or LookupLayer
                or SoftmaxLayer
                or AddLayer
                or ConcatLayer;

    /// <summary>Uploads a layer's constants; null for a reshape, which computes nothing.</summary>
    public static DeviceLayer? Upload(QuantizedProgram program, int index, DeviceSession session) =>
        program.Layers[index] switch
        {
            MacLayer mac when PackedPlan.Of(mac) is { } plan =>
                new PackedDeviceLayer(mac, plan, session),
            MacLayer mac => new MacDeviceLayer(mac, session),
            MaxPoolLayer pool => new MaxPoolDeviceLayer(pool, session),
            AveragePoolLayer pool => new AveragePoolDeviceLayer(pool, session),
            ClampLayer clamp => new ClampDeviceLayer(clamp, session),
            LookupLayer lookup => new LookupDeviceLayer(lookup, session),
            SoftmaxLayer softmax => new SoftmaxDeviceLayer(softmax, session),
            AddLayer add => new AddDeviceLayer(add, program, session),
            ConcatLayer concat => new ConcatDeviceLayer(concat, program, session),
            _ => null,
        };

    /// <summary>Queues the kernels that compute the layer for the images of a launch.</summary>
    public abstract void Launch(in LayerLaunch launch);

    /// <summary>Frees the constants.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>1 for true: kernels take no bool.</summary>
    protected static int Flag(bool value) => value ? 1 : 0;
}
