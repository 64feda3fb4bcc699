using ILGPU;
using ILGPU.Runtime;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>What a pooling window keeps on the device.</summary>
internal sealed class PoolConstants(
    WindowGeometry window, TensorShape from, TensorShape to, DeviceSession session) : IDisposable
{
    private readonly MemoryBuffer1D<Tap, Stride1D.Dense> _taps =
        session.Upload(Tap.Of(window, from));

    /// <summary>For kernels.</summary>
    public PoolWindow Window => new(new(window, from, to, from.Channels), _taps.View);

    /// <inheritdoc/>
    public void Dispose() => _taps.Dispose();
}
