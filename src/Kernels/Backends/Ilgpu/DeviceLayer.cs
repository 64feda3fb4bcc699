namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>
/// One layer on a device: its constants are there, and it can be launched on any lane.
/// </summary>
internal abstract class DeviceLayer : IDisposable
{
    /// <summary>Numbers of 64 bits that it needs beside its output, per image.</summary>
    public virtual long ScratchPerImage => 0;

    /// <summary>
    /// Whether a launch can do the next layer's work too, where nobody asks for what lies between.
    /// </summary>
    /// <param name="events">Whether events are collected.</param>
    public virtual bool FusesNext(bool events) => false;

    /// <summary>Queues the kernels that compute the layer for the images of a launch.</summary>
    public abstract void Launch(in LayerLaunch launch);

    /// <summary>Frees the constants.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>1 for true: kernels take no bool.</summary>
    protected static int Flag(bool value) => value ? 1 : 0;
}
