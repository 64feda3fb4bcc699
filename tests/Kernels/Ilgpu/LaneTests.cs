using ILGPU.Runtime.CPU;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Batches that do not go through a device at once.</summary>
public class LaneTests
{
    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    public void Run_MoreImagesThanALaneHolds_EqualsReference(int images)
    {
        QuantizedProgram program = ProgramGenerator.Dense(5, 12, 3);
        long[] inputs = ProgramGenerator.Inputs(program, images, 5);
        RunOptions options = RunOptions.WithEvents with { FirstImage = 40, Taps = [0, 1] };
        RunAssert.EqualsReference(BackendList.Find("ilgpu-cpu")!, program, inputs, options);
    }

    /// <summary>Where an int32 overflows OpenCL says nothing of what comes out.</summary>
    [Fact]
    public void ImagesPerLane_HoweverMuchMemory_KeepIndicesIn32Bits()
    {
        QuantizedProgram program = LawPrograms.Wide("saturating", inputSigned: true);
        DeviceSession session = DeviceSession.Open(
            "ilgpu-cpu:plan", CPUDevice.Default, new(Specializes: false));
        using DeviceLayer layer = DeviceLayers.Upload(program, 0, session)!;
        long images = BatchPlan.ImagesPerLane(program, [layer], long.MaxValue, int.MaxValue);
        long longest = Math.Max(program.Output.Shape.Length, 2 * layer.ScratchPerImage);
        Assert.InRange(images * longest, longest, int.MaxValue);
    }

    /// <summary>A second program finds the kernels that the first one had compiled.</summary>
    [Fact]
    public void Open_SameDevice_SharesKernels()
    {
        var options = new DeviceOptions(Specializes: false);
        DeviceSession first = DeviceSession.Open("ilgpu-cpu:shared", CPUDevice.Default, options);
        DeviceSession second = DeviceSession.Open("ilgpu-cpu:shared", CPUDevice.Default, options);
        Assert.Same(first.Kernels.AnyMac, second.Kernels.AnyMac);
    }

    [Fact]
    public void Run_LanesOfAnEarlierRun_ServeSmallerAndLargerBatches()
    {
        QuantizedProgram program = ProgramGenerator.Dense(6, 9, 4);
        using IProgramRunner expected = new ReferenceBackend().Load(program);
        using IProgramRunner actual = BackendList.Find("ilgpu-cpu")!.Load(program);
        foreach (int images in new[] { 270, 2, 530, 1 })
        {
            long[] inputs = ProgramGenerator.Inputs(program, images, images);
            RunAssert.Equal(
                expected.Run(inputs, images, RunOptions.Default),
                actual.Run(inputs, images, RunOptions.Default),
                $"{images} images");
        }
    }
}
