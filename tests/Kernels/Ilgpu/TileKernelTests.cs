using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Ilgpu.Tiled;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// The tile kernel with its instructions emulated: all that runs on CUDA but for the instructions
/// themselves.
/// </summary>
public class TileKernelTests
{
    private const int Images = 3;

    public static TheoryData<string, int> Programs
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string name in LawPrograms.Names)
            {
                data.Add(name, (int)ByteMultiplier.Dp4a);
                data.Add(name, (int)ByteMultiplier.TensorCores);
            }

            return data;
        }
    }

    [Theory]
    [InlineData("exact_bias_last", ByteMultiplier.Dp4a)]
    [InlineData("exact_bias_last", ByteMultiplier.TensorCores)]
    [InlineData("saturating", ByteMultiplier.Dp4a)]
    [InlineData("saturating", ByteMultiplier.TensorCores)]
    internal void Run_OnIlgpuCpu_EqualsReference(string name, ByteMultiplier multiplier) =>
        Compare(TestDevices.Cpu($"ilgpu-cpu:{multiplier}", multiplier), name);

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public void Run_OnOpenCl_EqualsReference(string name, int multiplier) =>
        Compare(
            TestDevices.OpenCl(
                $"opencl:tile{multiplier}", specializes: false, (ByteMultiplier)multiplier),
            name
        );

    [Theory]
    [InlineData(60, ByteMultiplier.Portable)]
    [InlineData(61, ByteMultiplier.Dp4a)]
    [InlineData(70, ByteMultiplier.Dp4a)]
    [InlineData(80, ByteMultiplier.TensorCores)]
    [InlineData(90, ByteMultiplier.TensorCores)]
    internal void Multiplier_ByComputeCapability_IsTheFastestThatItHas(
        int capability, ByteMultiplier expected) =>
        Assert.Equal(
            expected, ByteMultipliers.Of(new CudaArchitecture(capability / 10, capability % 10)));

    [Fact]
    public void Fragments_EveryElement_LieWhereTheInstructionSetSays()
    {
        for (int lane = 0; lane < MmaFragments.Lanes; lane++)
        {
            (int group, int thread) = (lane >> 2, lane % 4);
            for (int i = 0; i < 16; i++)
            {
                // PTX ISA: row = groupID for i < 4 and 8 <= i < 12, else groupID + 8.
                int row = i is < 4 or (>= 8 and < 12) ? group : group + 8;
                int depth = (thread * 4) + (i & 3) + (i >= 8 ? 16 : 0);
                Assert.Equal(lane, MmaFragments.LaneOfA(row, depth / 4));
                Assert.Equal(i / 4, MmaFragments.RegisterOfA(row, depth / 4));
            }

            for (int i = 0; i < 8; i++)
            {
                int depth = (thread * 4) + (i & 3) + (i >= 4 ? 16 : 0);
                Assert.Equal(lane, MmaFragments.LaneOfB(group, depth / 4));
                Assert.Equal(i / 4, MmaFragments.RegisterOfB(depth / 4));
            }

            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(i < 2 ? group : group + 8, MmaFragments.RowOfD(lane, i));
                Assert.Equal((thread * 2) + (i & 1), MmaFragments.ColumnOfD(lane, i));
            }
        }
    }

    private static void Compare(IBackend backend, string name)
    {
        Skip.If(backend.WhyUnavailable is not null, backend.WhyUnavailable);
        foreach (bool inputSigned in new[] { true, false })
        {
            QuantizedProgram program = LawPrograms.Wide(name, inputSigned);
            long[] inputs = ProgramGenerator.Inputs(program, Images, 1);
            RunAssert.EqualsReference(
                backend, program, inputs, RunOptions.WithEvents, RunOptions.Default);
        }
    }
}
