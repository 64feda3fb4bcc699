using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Conformance;

/// <summary>
/// What every backend keeps: the values, events and taps of the reference, for every program,
/// batch, thread count and depth. A backend inherits all of it by adding one class.
/// </summary>
public abstract class BackendConformance
{
    /// <summary>The backend under test.</summary>
    protected abstract IBackend Backend { get; }

    /// <summary>How many of a block's 50 random programs the backend must be able to run.</summary>
    protected virtual int LeastSupportedOf50 => 50;

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(3000)]
    [InlineData(4000)]
    [InlineData(5000)]
    public void Run_RandomPrograms_EqualsReference(int firstSeed)
    {
        SkipUnlessUsable();
        int supported = 0;
        for (int seed = firstSeed; seed < firstSeed + 50; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            if (Backend.WhyNot(program) is not null) continue;
            supported++;
            Compare(program, ProgramGenerator.Inputs(program, 3, seed), firstImage: seed);
        }

        Assert.InRange(supported, LeastSupportedOf50, 50);
    }

    [SkippableTheory]
    [InlineData(1, 64)]
    [InlineData(65, 128)]
    [InlineData(129, 192)]
    [InlineData(193, 257)]
    public void Run_EveryDepth_EqualsReference(int first, int last)
    {
        SkipUnlessUsable();
        for (int depth = first; depth <= last; depth++)
        {
            QuantizedProgram program = ProgramGenerator.Dense(
                depth, depth, outputs: 1 + (depth % 20));
            if (Backend.WhyNot(program) is not null)
                continue;
            Compare(program, ProgramGenerator.Inputs(program, 2, depth), firstImage: 0);
        }
    }

    [SkippableFact]
    public void Run_InputsAtTheEnds_EqualsReference()
    {
        SkipUnlessUsable();
        for (int seed = 100; seed < 130; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            if (Backend.WhyNot(program) is not null) continue;
            TensorType type = program.Input.Type;
            long[] ends =
            [
                .. new[] { type.MinRaw, type.MaxRaw }.SelectMany(v =>
                    Enumerable.Repeat(v, type.Shape.Length)
                ),
            ];
            Compare(program, ends, firstImage: 0);
        }
    }

    [SkippableFact]
    public void Run_AnyBatching_GivesTheSame() => ForPrograms((program, inputs, images) =>
    {
        using IProgramRunner runner = Backend.Load(program);
        RunResult whole = runner.Run(inputs, images, Everything(program, 7));
        int length = program.Input.Type.Shape.Length;
        long[] outputs = [.. Enumerable.Range(0, images).SelectMany(i => runner
            .Run(inputs.AsSpan(i * length, length), 1, Everything(program, 7 + i)).Outputs)];
        Assert.Equal(whole.Outputs, outputs);
    });

    [SkippableFact]
    public void Run_AnyThreadCount_GivesTheSame() =>
        ForPrograms(
            (program, inputs, images) =>
            {
                using IProgramRunner runner = Backend.Load(program);
                RunResult one = runner.Run(
                    inputs,
                    images,
                    Everything(program, 0) with
                    {
                        Threads = 1,
                    }
                );
                foreach (int threads in new[] { 2, 3, 8 })
                {
                    RunResult many = runner.Run(
                        inputs,
                        images,
                        Everything(program, 0) with
                        {
                            Threads = threads,
                        }
                    );
                    RunAssert.Equal(one, many, $"{program.Name}, {threads} threads");
                }
            }
        );

    [SkippableFact]
    public void Run_WithoutEventsOrTaps_GivesTheSameOutputs() =>
        ForPrograms(
            (program, inputs, images) =>
            {
                using IProgramRunner runner = Backend.Load(program);
                RunResult plain = runner.Run(inputs, images, RunOptions.Default);
                Assert.Equal(
                    runner.Run(inputs, images, Everything(program, 0)).Outputs, plain.Outputs);
                Assert.Empty(plain.Events);
                Assert.Empty(plain.Taps);
            }
        );

    /// <summary>Twice, the second time for fewer images than before.</summary>
    [SkippableFact]
    public void Run_InBuffers_GivesTheSame() => ForPrograms((program, inputs, images) =>
    {
        using IProgramRunner runner = Backend.Load(program);
        var buffers = new RunBuffers(program, Enumerable.Range(1, program.Layers.Length));
        foreach (int count in new[] { images, images - 1 })
        {
            ReadOnlySpan<long> some = inputs.AsSpan(0, count * program.Input.Type.Shape.Length);
            RunResult expected = runner.Run(some, count, Everything(program, 9));
            buffers.Resize(count);
            buffers.Input.Write(some);
            runner.Run(buffers, 9);
            foreach (int tap in buffers.Taps)
            {
                long[] actual = new long[buffers[tap].Count];
                buffers[tap].Read(0, actual);
                Assert.Equal(expected.Taps[tap], actual);
            }

            Assert.Same(buffers[program.Layers.Length], buffers.Output);
        }
    });

    [SkippableFact]
    public void Run_NoImages_GivesNothing() => ForPrograms((program, _, _) =>
    {
        using IProgramRunner runner = Backend.Load(program);
        Assert.Empty(runner.Run([], 0, RunOptions.Default).Outputs);
    });

    [SkippableFact]
    public void Run_WrongLength_IsRefused() =>
        ForPrograms(
            (program, inputs, images) =>
            {
                using IProgramRunner runner = Backend.Load(program);
                Assert.Throws<ArgumentException>(() =>
                    runner.Run(inputs.AsSpan(1), images, RunOptions.Default)
                );
            }
        );

    [SkippableFact]
    public void Load_IntermediateBeyond64Bits_IsRefusedWithAReason()
    {
        SkipUnlessUsable();
        QuantizedProgram program = ProgramGenerator.Dense(1, 4, 1);
        var layer = (MacLayer)program.Layers[0];
        program = program with
        {
            Layers = [layer with { Mac = layer.Mac with { PartialAlign = 60 } }],
        };
        Assert.Contains("bits (at most 64)", Backend.WhyNot(program));
        Assert.Throws<NotSupportedException>(() => Backend.Load(program));
    }

    private static RunOptions Everything(QuantizedProgram program, long firstImage) => new()
    {
        CollectEvents = true,
        FirstImage = firstImage,
        Taps = [.. Enumerable.Range(0, program.Layers.Length + 1)],
    };

    private void SkipUnlessUsable() =>
        Skip.If(Backend.WhyUnavailable is not null, Backend.WhyUnavailable);

    private void Compare(QuantizedProgram program, long[] inputs, long firstImage) =>
        RunAssert.EqualsReference(Backend, program, inputs, Everything(program, firstImage));

    private void ForPrograms(Action<QuantizedProgram, long[], int> check)
    {
        SkipUnlessUsable();
        for (int seed = 50; seed < 70; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Program(seed);
            if (Backend.WhyNot(program) is null)
                check(program, ProgramGenerator.Inputs(program, 4, seed), 4);
        }
    }
}
