using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// The fast loops against the reference, with events and without: these choose different loops.
/// </summary>
public sealed class FastLayerTests
{
    [Theory]
    [InlineData(FastKind.Wide)]
    [InlineData(FastKind.Wrapping)]
    [InlineData(FastKind.Unrolled)]
    [InlineData(FastKind.SaturatingShort)]
    [InlineData(FastKind.SaturatingWide)]
    [InlineData(FastKind.SaturatingDepthwise)]
    [InlineData(FastKind.Rounding)]
    [InlineData(FastKind.Product)]
    [InlineData(FastKind.WideProduct)]
    public void Run_FastKinds_EqualsReference(FastKind kind)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            QuantizedProgram program = FastLayers.Program(kind, seed);
            long[] inputs = ProgramGenerator.Inputs(program, 1 + (seed % 11), seed);
            RunAssert.EqualsReference(
                new SimdBackend(), program, inputs, RunOptions.WithEvents, RunOptions.Default);
        }
    }

    /// <summary>
    /// Without this, every layer might take the slow way and the comparisons would prove little.
    /// </summary>
    [Theory]
    [InlineData(FastKind.Wide, "pairs", "depthwise-sums")]
    [InlineData(FastKind.Wrapping, "pairs", "depthwise-sums")]
    [InlineData(FastKind.Unrolled, "pairs", "depthwise-sums")]
    [InlineData(FastKind.SaturatingShort, "short-saturating", "depthwise-short")]
    [InlineData(FastKind.SaturatingWide, "bounded", "depthwise-saturating")]
    [InlineData(FastKind.Rounding, "short-terms", "short-saturating", "depthwise-short")]
    [InlineData(FastKind.Product, "short-terms", "short-saturating", "depthwise-short")]
    [InlineData(FastKind.WideProduct, "short-split")]
    public void Prepare_FastKinds_TakeTheirLoop(FastKind kind, params string[] rows)
    {
        int taken = Enumerable
            .Range(0, 60)
            .Count(seed => rows.Contains(SimdRowTests.RowOf(FastLayers.Program(kind, seed))));
        Assert.InRange(taken, 20, 60);
    }

    [Fact]
    public void Run_RandomProgramsWithoutEvents_EqualsReference()
    {
        for (int seed = 200; seed < 500; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            long[] inputs = ProgramGenerator.Inputs(program, 3, seed);
            var options = new RunOptions
            {
                Taps = [.. Enumerable.Range(0, program.Layers.Length + 1)],
            };
            RunAssert.EqualsReference(new SimdBackend(), program, inputs, options);
        }
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-9)]
    [InlineData(8)]
    public void Run_InputOutsideItsFormat_IsRefused(long raw)
    {
        QuantizedProgram program = ProgramGenerator.Dense(1, 9, 1);
        TensorType type = program.Input.Type with { Bits = 4, IsSigned = true, ZeroPoint = 0 };
        program = program with { Input = program.Input with { Type = type } };
        var layer = (MacLayer)program.Layers[0];
        program = program with { Layers = [layer with { Input = program.Input.Type }] };
        using IProgramRunner runner = new SimdBackend().Load(program);
        long[] inputs = new long[9 * 40];
        inputs[300] = raw;
        string message = Assert
            .Throws<ArgumentException>(() => runner.Run(inputs, 40, RunOptions.Default))
            .Message;
        Assert.Contains($"{raw} is outside -8..7", message);
    }

    /// <summary>
    /// A later run on one thread allocates its results, and nothing that grows with the work.
    /// </summary>
    [Theory]
    [InlineData(FastKind.Wide)]
    [InlineData(FastKind.SaturatingShort)]
    [InlineData(FastKind.SaturatingWide)]
    [InlineData(FastKind.Rounding)]
    [InlineData(FastKind.Product)]
    [InlineData(FastKind.WideProduct)]
    public void Run_Again_AllocatesResultsOnly(FastKind kind)
    {
        const int Images = 200;
        QuantizedProgram program = FastLayers.Program(kind, 3);
        long[] inputs = ProgramGenerator.Inputs(program, Images, 3);
        using IProgramRunner runner = new SimdBackend().Load(program);
        var options = new RunOptions { Threads = 1 };
        for (int i = 0; i < 3; i++) runner.Run(inputs, Images, options);

        // A collection that another test causes has this thread give up what it had in hand: the
        // least of some runs.
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            RunResult result = runner.Run(inputs, Images, options);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            least = Math.Min(least, allocated - (sizeof(long) * (long)result.Outputs.Length));
        }

        Assert.InRange(least, 0, 4096);
    }
}
