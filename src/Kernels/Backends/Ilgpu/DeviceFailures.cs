using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>What drivers throw, in words.</summary>
internal static class DeviceFailures
{
    /// <summary>True for what a driver, not QSim, reports.</summary>
    public static bool IsDriver(Exception e) => e is AcceleratorException or OutOfMemoryException;

    /// <summary>True when fewer images at a time may help.</summary>
    public static bool IsOutOfMemory(Exception e) =>
        e is OutOfMemoryException
        or CudaException { Error: nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY) }
        or CLException
        {
            Error: CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES
                or CLError.CL_OUT_OF_HOST_MEMORY or CLError.CL_INVALID_BUFFER_SIZE
        };

    /// <summary>One line that says which device, what happened and what to do.</summary>
    public static DeviceException Explain(string name, Exception e) =>
        new(
            IsOutOfMemory(e)
                ? $"{name}: out of memory even with one image at a time; free some or use another "
                    + "backend"
                : $"{name}: the device stopped working ({OneLine(e)}); use another backend or "
                    + "restart the driver",
            e
        );

    /// <summary>What a program that outlived its device answers.</summary>
    public static DeviceException Gone(string name) =>
        new(
            $"{name}: the device stopped working earlier; load the program again or use another "
                + "backend",
            new InvalidOperationException("the session is closed"));

    private static string OneLine(Exception e) =>
        string.Join(' ', e.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
