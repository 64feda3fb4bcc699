using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench;

/// <summary>
/// Every row of the SIMD backend's list on every layer that it takes: what preferring one to
/// another is worth. One thread.
/// </summary>
internal static class RowBench
{
    /// <summary>Prints a table.</summary>
    public static void Run(
        IEnumerable<NetworkShape> networks, IReadOnlyCollection<BenchArithmetic> arithmetics,
        int images, double seconds)
    {
        Console.WriteLine(
            "| network | arithmetic | row | layers it takes | us/image, 1 thread |"
                + "\n|---|---|---|--:|--:|");
        foreach (NetworkShape network in networks)
            foreach (BenchArithmetic arithmetic in arithmetics)
                foreach ((string row, int layers, double time) in Times(
                    BenchProgram.Build(network, arithmetic), images, seconds))
                    Console.WriteLine(
                        $"| {network.Name} | {arithmetic.Name} | {row} | {layers} "
                            + $"| {time * 1e6:F2} |");
    }

    private static IEnumerable<(string Row, int Layers, double Seconds)> Times(
        QuantizedProgram program, int images, double seconds)
    {
        long[] inputs = BenchProgram.Inputs(program, images);
        var options = new RunOptions { Threads = 1 };
        foreach ((string row, _) in SimdBackend.Rows)
        {
            var backend = new SimdBackend(row);
            int layers = backend.LoopsOf(program).Count(l => l.Split(' ')[0] == row);
            if (layers == 0) continue;
            using IProgramRunner runner = backend.Load(program);
            double time = Timing.Best(() => runner.Run(inputs, images, options), seconds);
            yield return (row, layers, time / images);
        }
    }
}
