using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>What multiplies packed bytes on a device.</summary>
internal enum ByteMultiplier
{
    /// <summary>Multiply-adds of single bytes: any device.</summary>
    Portable,

    /// <summary>The instruction dp4a: CUDA, compute capability 6.1.</summary>
    Dp4a,

    /// <summary>The instruction mma.m16n8k32: CUDA, compute capability 8.0.</summary>
    TensorCores,
}

/// <summary>Which device has which multiplier.</summary>
internal static class ByteMultipliers
{
    /// <summary>The fastest that a device has.</summary>
    public static ByteMultiplier Of(Device device) => Of((device as CudaDevice)?.Architecture);

    /// <summary>The same by compute capability; null for what is not CUDA.</summary>
    public static ByteMultiplier Of(CudaArchitecture? architecture) => architecture switch
    {
        { } known when known >= CudaArchitecture.SM_80 => ByteMultiplier.TensorCores,
        { } known when known >= CudaArchitecture.SM_61 => ByteMultiplier.Dp4a,
        _ => ByteMultiplier.Portable,
    };
}
