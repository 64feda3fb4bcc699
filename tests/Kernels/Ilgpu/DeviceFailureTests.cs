using System.Reflection;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Too little memory, and devices that go away.</summary>
public class DeviceFailureTests
{
    private const int Images = 40;

    private static readonly QuantizedProgram Program = ProgramGenerator.Dense(5, 40, 3);
    private static readonly long[] Inputs = ProgramGenerator.Inputs(Program, Images, 5);

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public void Run_LittleFreeMemory_IsSplitAndEqualsReference(long bytes) =>
        AssertEqual(TestDevices.Cpu($"ilgpu-cpu:{bytes}B", memoryLimit: bytes));

    [Fact]
    public void Run_AllocationRefused_GoesOnWithFewerImages()
    {
        var listener = new DeviceListener { LargestAllocation = 3000 };
        AssertEqual(TestDevices.Cpu("ilgpu-cpu:refused", listener: listener));
        Assert.InRange(listener.Refused, 1, 20);
    }

    [Fact]
    public void Run_NotEvenOneImageFits_IsOneLineAndOthersGoOn()
    {
        var listener = new DeviceListener();
        IBackend backend = TestDevices.Cpu("ilgpu-cpu:tiny", listener: listener);
        using IProgramRunner runner = backend.Load(Program);
        listener.LargestAllocation = 50;
        var e = Assert.Throws<DeviceException>(() =>
            runner.Run(Inputs, Images, RunOptions.Default)
        );
        Assert.Equal(
            "ilgpu-cpu:tiny: out of memory even with one image at a time; free some or use another "
                + "backend",
            e.Message);
        listener.LargestAllocation = long.MaxValue;
        RunAssert.Equal(
            Expected(), runner.Run(Inputs, Images, RunOptions.WithEvents), "memory is back");
    }

    [Fact]
    public void Load_WeightsDoNotFit_IsOneLine()
    {
        var listener = new DeviceListener { LargestAllocation = 10 };
        IBackend backend = TestDevices.Cpu("ilgpu-cpu:weights", listener: listener);
        Assert.Contains(
            "out of memory", Assert.Throws<DeviceException>(() => backend.Load(Program)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_DeviceLost_IsOneLineAndTheNextProgramBeginsAnew(int launches)
    {
        var listener = new DeviceListener { LaunchesBeforeLoss = launches };
        IBackend backend = TestDevices.Cpu($"ilgpu-cpu:lost{launches}", 20_000, listener);
        using (IProgramRunner runner = backend.Load(Program))
        {
            var e = Assert.Throws<DeviceException>(() =>
                runner.Run(Inputs, Images, RunOptions.Default)
            );
            Assert.StartsWith($"ilgpu-cpu:lost{launches}: the device stopped working (", e.Message);
            Assert.EndsWith("use another backend or restart the driver", e.Message);
            Assert.DoesNotContain('\n', e.Message);
            Assert.Contains(
                "stopped working earlier",
                Assert
                    .Throws<DeviceException>(() => runner.Run(Inputs, Images, RunOptions.Default))
                    .Message
            );
        }

        listener.LaunchesBeforeLoss = int.MaxValue;
        AssertEqual(backend);
        Assert.Equal(0, listener.Live);
    }

    [Fact]
    public void Dispose_AfterRuns_LeavesNothingOnTheDevice()
    {
        var listener = new DeviceListener();
        IBackend backend = TestDevices.Cpu("ilgpu-cpu:freed", listener: listener);
        for (int seed = 7000; seed < 7006; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            using IProgramRunner runner = backend.Load(program);
            runner.Run(ProgramGenerator.Inputs(program, 3, seed), 3, RunOptions.WithEvents);
            Assert.InRange(listener.Live, 2, int.MaxValue);
        }

        Assert.Equal(0, listener.Live);
    }

    [Fact]
    public void Failures_OfDrivers_AreToldApart()
    {
        Assert.True(DeviceFailures.IsOutOfMemory(Cuda(CudaError.CUDA_ERROR_OUT_OF_MEMORY)));
        Assert.True(DeviceFailures.IsOutOfMemory(new CLException(CLError.CL_OUT_OF_RESOURCES)));
        Assert.True(DeviceFailures.IsOutOfMemory(new OutOfMemoryException()));
        Assert.False(DeviceFailures.IsOutOfMemory(Cuda(CudaError.CUDA_ERROR_LAUNCH_FAILED)));
        Assert.True(DeviceFailures.IsDriver(new CLException(CLError.CL_INVALID_COMMAND_QUEUE)));
        Assert.False(DeviceFailures.IsDriver(new InvalidOperationException()));
    }

    /// <summary>ILGPU makes these where there is a driver to ask for the error's text.</summary>
    private static CudaException Cuda(CudaError error)
    {
        var e = new CudaException("text");
        typeof(CudaException)
            .GetField("<Error>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!
            .SetValue(e, error.ToString());
        return e;
    }

    private static void AssertEqual(IBackend backend)
    {
        using IProgramRunner runner = backend.Load(Program);
        RunAssert.Equal(
            Expected(), runner.Run(Inputs, Images, RunOptions.WithEvents), backend.Name);
    }

    private static RunResult Expected()
    {
        using IProgramRunner runner = new ReferenceBackend().Load(Program);
        return runner.Run(Inputs, Images, RunOptions.WithEvents);
    }
}
