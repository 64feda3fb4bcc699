using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>What devices that are not here would be given: generated without a driver.</summary>
internal static class DeviceText
{
    /// <summary>
    /// As the devices' sessions make it. Kernels share what is generated once for all of them.
    /// </summary>
    private static readonly Context Shared =
        Context.Create(b => b.Optimize(OptimizationLevel.O2).Inlining(InliningMode.Aggressive));

    private static readonly ConcurrentDictionary<(MethodInfo, CudaArchitecture), string> Texts = [];

    /// <summary>A kernel's PTX, made once however many tests read it.</summary>
    public static string Ptx(MethodInfo kernel, CudaArchitecture architecture) =>
        Texts.GetOrAdd((kernel, architecture), k => Compile(k.Item1, k.Item2));

    private static string Compile(MethodInfo kernel, CudaArchitecture architecture)
    {
        using var backend = new PTXBackend(Shared, architecture, CudaInstructionSet.ISA_80, null!);
        return ((PTXCompiledKernel)backend.Compile(Entry(kernel), default)).PTXAssembly;
    }

    /// <summary>A kernel's OpenCL C 2.0.</summary>
    public static string OpenCl(MethodInfo kernel)
    {
        var capabilities = new CLCapabilityContext(true, true, true, true, true);
        using var backend = new CLBackend(
            Shared, capabilities, CLDeviceVendor.Other, new CLCVersion(2, 0));
        return ((CLCompiledKernel)backend.Compile(Entry(kernel), default)).Source;
    }

    /// <summary>A kernel of whole groups is one without an index.</summary>
    private static EntryPointDescription Entry(MethodInfo kernel) =>
        kernel.GetParameters()[0].ParameterType == typeof(Index1D)
            ? EntryPointDescription.FromImplicitlyGroupedKernel(kernel)
            : EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
}
