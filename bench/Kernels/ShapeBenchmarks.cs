using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench;

/// <summary>
/// The same cells under BenchmarkDotNet: slower to run, with its statistics and its memory figures.
/// </summary>
[MemoryDiagnoser]
public class ShapeBenchmarks
{
    private const int Images = 256;
    private IProgramRunner? _runner;
    private long[] _inputs = [];

    public static IEnumerable<string> Networks => Shapes.Select(n => n.Name);

    public static IEnumerable<string> Arithmetics => BenchArithmetic.All.Select(a => a.Name);

    [ParamsSource(nameof(Networks))]
    public string Network { get; set; } = "";

    [ParamsSource(nameof(Arithmetics))]
    public string Arithmetic { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    private static List<NetworkShape> Shapes =>
        ShapeFile.Read(Path.Combine(AppContext.BaseDirectory, "shapes.txt"));

    public static void Run(string[] arguments) =>
        BenchmarkSwitcher
            .FromTypes([typeof(ShapeBenchmarks)])
            .Run(
                arguments,
                ManualConfig
                    .Create(DefaultConfig.Instance)
                    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));

    [GlobalSetup]
    public void Load()
    {
        QuantizedProgram program = BenchProgram.Build(
            Shapes.First(n => n.Name == Network),
            BenchArithmetic.All.First(a => a.Name == Arithmetic));
        _inputs = BenchProgram.Inputs(program, Images);
        _runner = new SimdBackend().Load(program);
    }

    [Benchmark(OperationsPerInvoke = Images)]
    public RunResult Simd() => _runner!.Run(_inputs, Images, new RunOptions { Threads = Threads });

    [GlobalCleanup]
    public void Unload() => _runner?.Dispose();
}
