using QSim.Kernels.Backends;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>
/// How many bytes a run sends a CUDA device and takes back: its own images and their outputs,
/// through memory that the device reads by itself.
/// </summary>
[Collection("alone")]
[Trait("Device", "cuda")]
public sealed class CopyTests
{
    private readonly QuantizedProgram _program = ProgramGenerator.Dense(5, 23, 4);

    /// <summary>A few after many: the room that is there for many does not travel along.</summary>
    [SkippableFact]
    public void Run_MovesItsImagesAndOutputs()
    {
        IBackend cuda = BackendList.Find("cuda")!;
        Skip.If(cuda.WhyUnavailable is not null, cuda.WhyUnavailable);
        using IProgramRunner runner = cuda.Load(_program);
        foreach (int images in new[] { 300, 3 })
        {
            long[] inputs = ProgramGenerator.Inputs(_program, images, 5);
            CopiedBytes copied = CopiedBytes.Of(
                () => runner.Run(inputs, images, RunOptions.Default));
            Assert.Equal(new(0, 0, images * 23 * sizeof(int), images * 4 * sizeof(int)), copied);
        }
    }
}

/// <summary>Tests that run when all others have ended, one at a time.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public static class Alone;
