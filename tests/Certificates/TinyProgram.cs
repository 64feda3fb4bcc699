using QSim.Certificates.Bounds;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>
/// A program of any layers and modes with a box of inputs so small that all of them are run.
/// </summary>
internal sealed class TinyProgram
{
    private const int MostInputs = 250;
    private const int FirstSeed = 1;

    private static readonly Lazy<IReadOnlyList<TinyProgram>> Lazily = new(() =>
    [
        .. From(ProgramGenerator.Program, Wanted),
        .. From(seed => TinyNetworks.Dense(seed), Wanted),
    ]);

    public TinyProgram(QuantizedProgram program, TensorBox box, long[] inputs)
    {
        (Program, Box, Inputs) = (program, box, inputs);
        int length = program.Input.Type.Shape.Length;
        Count = inputs.Length / length;
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        RunResult run = runner.Run(
            inputs, Count, new() { Taps = [.. Enumerable.Range(0, program.Layers.Length + 1)] });
        Taps = [.. Enumerable.Range(0, program.Layers.Length + 1).Select(t => run.Taps[t])];
        int classes = program.Output.Shape.Length;
        Classes = [.. Enumerable.Range(0, Count)
            .Select(i => Simulator.Simulation.ArgMax(run.Outputs.AsSpan(i * classes, classes)))];
    }

    public QuantizedProgram Program { get; }

    public TensorBox Box { get; }

    /// <summary>Every input of the box; the first is the one in its middle.</summary>
    public long[] Inputs { get; }

    public int Count { get; }

    /// <summary>The values of every tensor, image by image.</summary>
    public long[][] Taps { get; }

    /// <summary>What each input is classified as.</summary>
    public int[] Classes { get; }

    public int Label => Classes[0];

    public int ClassOf(long[] input)
    {
        using IProgramRunner runner = new ReferenceBackend().Load(Program);
        return Simulator.Simulation.ArgMax(runner.Run(input, 1, RunOptions.Default).Outputs);
    }

    public bool IsRobust => Classes.All(c => c == Label);

    /// <summary>Those of the tests: <c>QSIM_CERTIFICATE_PROGRAMS</c> asks for more.</summary>
    public static IReadOnlyList<TinyProgram> All => Lazily.Value;

    private static int Wanted =>
        int.TryParse(Environment.GetEnvironmentVariable("QSIM_CERTIFICATE_PROGRAMS"), out int n)
            ? n / 2
            : 150;

    /// <summary>Programs of which something can be proved, one after the other.</summary>
    private static IEnumerable<TinyProgram> From(Func<int, QuantizedProgram> make, int count) =>
        Enumerable.Range(FirstSeed, int.MaxValue - FirstSeed)
            .Select(seed => (Seed: seed, Program: make(seed)))
            .Where(p => ProgramBounds.WhyNot(p.Program) is null)
            .Take(count)
            .Select(p => Of(p.Program, p.Seed));

    public static TinyProgram Of(QuantizedProgram program, int seed)
    {
        var choose = new Choices(seed);
        TensorType type = program.Input.Type;
        long[] centre = ProgramGenerator.Inputs(program, 1, choose);
        long[] low = [.. centre], high = [.. centre];
        int size = 1;
        for (int tries = 0; tries < 40 && size < MostInputs; tries++)
        {
            int i = choose.Between(0, centre.Length - 1);
            if (low[i] != high[i]) continue;
            long wide = choose.Of(1, 2, 5, 20, 60);
            long from = Math.Max(type.MinRaw, centre[i] - choose.Between(0L, wide));
            long to = Math.Min(type.MaxRaw, from + wide);
            if (from > to || !(from <= centre[i] && centre[i] <= to)) continue;
            if (size * (to - from + 1) > MostInputs) continue;
            size *= (int)(to - from + 1);
            (low[i], high[i]) = (from, to);
        }

        return new(program, new(low, high), [.. centre, .. Points(low, high)]);
    }

    /// <summary>Every point of a box, one after the other.</summary>
    private static IEnumerable<long> Points(long[] low, long[] high)
    {
        long[] point = [.. low];
        while (true)
        {
            foreach (long value in point) yield return value;
            int i = 0;
            while (i < point.Length && point[i] == high[i]) point[i] = low[i++];
            if (i == point.Length) yield break;
            point[i]++;
        }
    }
}
