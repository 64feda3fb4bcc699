using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>Kernels compiled for the modes of a layer, as GPUs run them.</summary>
public class SpecializedKernelTests
{
    private const int Programs = 2;

    [SkippableFact]
    public void Run_SpecializedKernels_EqualsReference()
    {
        IBackend backend = TestDevices.OpenCl("opencl:specialized", specializes: true);
        Skip.If(backend.WhyUnavailable is not null, backend.WhyUnavailable);
        for (int seed = 7000; seed < 7000 + Programs; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            long[] inputs = ProgramGenerator.Inputs(program, 3, seed);
            RunOptions options = RunOptions.WithEvents with { FirstImage = seed };
            RunAssert.EqualsReference(backend, program, inputs, options);
        }
    }
}
