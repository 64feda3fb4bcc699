using QSim.Kernels.Backends.Ilgpu.Matrix;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>The ways to multiply bytes, and which a device takes.</summary>
internal static class ByteProducts
{
    /// <summary>The fastest that the session's device has.</summary>
    public static IByteProduct For(MacLayer layer, DeviceSession session) => session switch
    {
        { Multiplier: ByteMultiplier.Portable } => new PortableProduct(layer, session),
        { Multiplier: ByteMultiplier.TensorCores, Modules: { } modules } =>
            new MatrixProduct(layer, modules, session),
        _ => new TiledProduct(layer, session),
    };
}
