using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Runner.Devices;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies.Cells;
using QSim.Simulator.Conformance;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Tests.Devices;

/// <summary>A check is worth something only if it finds what is wrong.</summary>
public class BackendCheckTests
{
    private static readonly ConformanceCase[] Few = [.. ConformanceCases.TileEdges().Take(4)];

    [Fact]
    public void Run_Simd_IsEqualAndCounted()
    {
        BackendCheck check = Run(BackendList.Find("simd")!);
        Assert.Null(check.First);
        Assert.Equal(
            [("batches around tiles", 4, 0), (ConformanceCases.RandomGroup, 20, 0)],
            check.Groups.Select(g => (g.Group, g.Cases, g.Different)));
    }

    [Fact]
    public void Run_OneValueOff_SaysWhere()
    {
        BackendCheck check = Run(new Faulty(r => r.Taps[1][^1]++));
        Assert.Equal(24, check.Groups.Sum(g => g.Different));
        CaseFailure first = check.First!;
        ConformanceCase one = Few[0];
        TensorShape shape = one.Program.Layers[0].Output.Shape;
        Assert.Equal(one.Program.Name, first.Program);
        Difference found = first.Difference!;
        Assert.Equal(
            ("mac", one.Images - 1, shape.Channels - 1, 0),
            (found.Layer, found.Image, found.Channel, found.Position));
        Assert.Equal(long.Parse(found.Expected) + 1, long.Parse(found.Actual));
        Assert.Contains(
            $"layer 'mac', image {one.Images - 1}, channel {shape.Channels - 1}, position 0: value",
            first.What);
    }

    [Fact]
    public void Run_OneEventMissed_SaysWhichStage()
    {
        BackendCheck check = Run(new Faulty(r => r.Events[0].Stages[0].Inexact[0]++));
        Assert.Contains("inexact: ", check.First!.What);
    }

    [Fact]
    public void Run_DeviceFails_IsADifference()
    {
        BackendCheck check = Run(new Faulty(_ => throw new InvalidOperationException("broke")));
        Assert.Equal("InvalidOperationException: broke", check.First!.What);
        Assert.Equal(24, check.Groups.Sum(g => g.Different));
    }

    [Fact]
    public void Fixed_HasEveryShippedProfileAndEveryDepth()
    {
        ILookup<string, ConformanceCase> groups = BackendCheck.Fixed.ToLookup(c => c.Group);
        foreach (string profile in ShippedProfiles.Names)
            Assert.Contains(
                groups["shipped profiles"],
                c => c.Program.Name.StartsWith($"{profile},", StringComparison.Ordinal));
        Assert.Equal(
            Enumerable.Range(1, 257),
            groups["depths 1 to 257"].Select(c => ((MacLayer)c.Program.Layers[0]).Depth));
    }

    /// <summary>Sums of a seeded network neither vanish nor always sit at an end.</summary>
    [Fact]
    public void ShippedCases_Outputs_DependOnTheImage() => Assert.All(ShippedCases.All(), one =>
    {
        using IProgramRunner runner = new ReferenceBackend().Load(one.Program);
        Assert.True(
            runner.Run(one.Inputs, one.Images, RunOptions.Default).Outputs.Distinct().Count() > 2,
            one.Program.Name);
    });

    private static BackendCheck Run(IBackend backend)
    {
        var check = new BackendCheck(backend, seed: 1, TimeSpan.Zero, Shard.Whole);
        check.Run(Few, new Silence(), CancellationToken.None);
        return check;
    }

    private sealed class Silence : IProgressSink
    {
        public void Begin(string stage)
        {
        }

        public void Report(double share, string detail)
        {
        }
    }

    /// <summary>The reference, what it gives spoiled where all is asked for.</summary>
    private sealed class Faulty(Action<RunResult> spoil) : IBackend
    {
        private readonly ReferenceBackend _reference = new();

        public string Name => "faulty";

        public string Description => "for tests";

        public string? WhyUnavailable => null;

        public string? WhyNot(QuantizedProgram program) => _reference.WhyNot(program);

        public IProgramRunner Load(QuantizedProgram program) =>
            new Runner(_reference.Load(program), spoil);

        private sealed class Runner(IProgramRunner inner, Action<RunResult> spoil) : IProgramRunner
        {
            public RunResult Run(ReadOnlySpan<long> inputs, int images, RunOptions options)
            {
                RunResult result = inner.Run(inputs, images, options);
                if (options.CollectEvents) spoil(result);
                return result;
            }

            public void Dispose() => inner.Dispose();
        }
    }
}
