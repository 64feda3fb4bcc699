using QSim.Attacks.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>Several classifiers on the same images.</summary>
public class SimulationImagesTests
{
    [Fact]
    public void Classify_BackendWithItsOwnMemory_KeepsImagesOnceAndDecidesTheSame()
    {
        (FloatNetwork network, LabelledImages images) = Fixtures.Bars;
        var backend = new OwnMemory();
        QuantizedProgram program = Chip.Quantize(network, images.Pixels, "int8-wide");
        using var reference = new Simulation(program, BackendList.Find("simd")!);
        using var first = new Simulation(program, backend);
        using var second = new Simulation(program with { Name = "second" }, backend);
        using (var shared = new SimulationImages(images.Pixels, images.Shape.Length))
        {
            foreach (Simulation simulation in new[] { first, second })
            {
                int[] expected = QSim.Attacks.Evaluation.Evaluation.Classify(
                    new HardwareClassifier(reference, "h"), images, batchSize: 7);
                Assert.Equal(expected, QSim.Attacks.Evaluation.Evaluation.Classify(
                    new HardwareClassifier(simulation, "h"), images, shared, batchSize: 7));
            }

            Assert.Equal((1, 0), (backend.Kept, backend.Freed));
        }

        Assert.Equal((1, 1), (backend.Kept, backend.Freed));
    }

    [Theory]
    [InlineData("simd")]
    [InlineData("ilgpu-cpu")]
    public void Release_BetweenRuns_FreesWorkspacesAndChangesNoBit(string backend)
    {
        (FloatNetwork network, LabelledImages images) = Fixtures.Bars;
        using var simulation = new Simulation(
            Chip.Quantize(network, images.Pixels, "int8-wide"),
            BackendList.Find(backend)!);
        var classifier = new HardwareClassifier(simulation, "h");
        int[] first = QSim.Attacks.Evaluation.Evaluation.Classify(classifier, images, batchSize: 7);
        Assert.InRange(Workspaces(simulation.Runner), 1, int.MaxValue);
        classifier.Release();
        Assert.Equal(0, Workspaces(simulation.Runner));
        Assert.Equal(
            first,
            QSim.Attacks.Evaluation.Evaluation.Classify(classifier, images, batchSize: 7));
    }

    private static int Workspaces(IProgramRunner runner) => runner switch
    {
        SimdRunner simd => simd.IdleCrews,
        IlgpuRunner device => device.Lanes,
        _ => throw new ArgumentException($"{runner.GetType()}"),
    };

    [Fact]
    public void Release_OfAClassifier_IsItsRunnersToo()
    {
        (FloatNetwork network, LabelledImages images) = Fixtures.Bars;
        var backend = new OwnMemory();
        using var simulation = new Simulation(
            Chip.Quantize(network, images.Pixels, "int8-wide"),
            backend);
        new HardwareClassifier(simulation, "h").Release();
        Assert.Equal(1, backend.Released);
    }

    /// <summary>The SIMD backend, as if it had to bring images somewhere.</summary>
    private sealed class OwnMemory : IBackend
    {
        private readonly IBackend _simd = BackendList.Find("simd")!;

        public int Kept { get; private set; }

        public int Freed { get; private set; }

        public int Released { get; private set; }

        public string Name => "own";

        public string Description => "";

        public string? WhyUnavailable => null;

        public bool HasOwnMemory => true;

        public string? WhyNot(QuantizedProgram program) => null;

        public IProgramRunner Load(QuantizedProgram program) =>
            new Runner(this, _simd.Load(program));

        public ResidentImages Keep(RawImages images)
        {
            Kept++;
            return new Images(this, images);
        }

        private sealed class Images(OwnMemory owner, RawImages images)
            : ResidentImages(images.Count, images.Length)
        {
            public HostImages Host { get; } = HostImages.Of(images);

            public override void Dispose() => owner.Freed++;
        }

        private sealed class Runner(OwnMemory owner, IProgramRunner simd) : IProgramRunner
        {
            public void Release() => owner.Released++;

            public RunResult Run(ReadOnlySpan<long> inputs, int images, RunOptions options) =>
                throw new InvalidOperationException("images were brought along");

            public RunResult Run(ResidentImages images, int first, int count, RunOptions options) =>
                simd.Run(((Images)images).Host, first, count, options);

            public void Dispose() => simd.Dispose();
        }
    }
}
