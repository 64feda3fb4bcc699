using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Tests.RandomPrograms;

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
        using IProgramRunner expected = new ReferenceBackend().Load(program);
        using IProgramRunner actual = BackendList.Find("ilgpu-cpu")!.Load(program);
        RunAssert.Equal(
            expected.Run(inputs, images, options), actual.Run(inputs, images, options),
            $"{images} images");
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
