namespace QSim.Kernels.Bench;

/// <summary>
/// This build beside an older one, turn by turn in one process. Both are loaded twice, each once
/// before the other: where code happens to lie in memory moves a cell by a few per cent, too.
/// </summary>
internal static class AgainstBench
{
    private const int Turns = 12;
    private static readonly string[] Ways = ["1 thread", "2 threads", "counting events"];

    public static void Run(
        string before, IReadOnlyList<NetworkShape> networks,
        IReadOnlyList<BenchArithmetic> arithmetics, int images, double seconds)
    {
        string after = AppContext.BaseDirectory;
        Console.WriteLine($"us per image before and after; the best of {2 * Turns} turns each");
        Console.WriteLine();
        Console.WriteLine(
            "| network | arithmetic |" + string.Concat(Ways.Select(w => $" {w} | ratio |")));
        Console.WriteLine("|---|---|" + string.Concat(Ways.Select(_ => "--:|--:|")));
        foreach (NetworkShape network in networks)
        {
            List<double>[] logs = [[], [], []];
            foreach (BenchArithmetic arithmetic in arithmetics)
            {
                Best best = new();
                Measure(after, before, best, isSwapped: true);
                Measure(before, after, best, isSwapped: false);
                Print($"| {network.Name} | {arithmetic.Name} |", best, logs);

                void Measure(string first, string second, Best into, bool isSwapped)
                {
                    OtherBuild[] builds = [new(first), new(second)];
                    OtherBuild.OtherTimer[] timers =
                    [
                        .. builds.Select(b => b.Timer(network.Name, arithmetic.Name, images)),
                    ];

                    // What runs first runs before the compiler has seen it often.
                    foreach (OtherBuild.OtherTimer timer in timers) timer.Turn(10 * seconds);
                    for (int turn = 0; turn < 2 * Turns; turn++)
                    {
                        int side = (turn + (turn / 2)) % 2;
                        into.Take(isSwapped ? 1 - side : side, timers[side].Turn(seconds));
                    }

                    foreach (OtherBuild.OtherTimer timer in timers) timer.Dispose();
                }
            }

            Console.WriteLine(
                $"| {network.Name} | geometric mean |"
                    + string.Concat(logs.Select(l => $" | {Math.Exp(l.Average()):F3} |")));
        }
    }

    private static void Print(string line, Best best, List<double>[] logs)
    {
        for (int way = 0; way < Ways.Length; way++)
        {
            (double before, double after) = (best.Seconds[0][way], best.Seconds[1][way]);
            logs[way].Add(Math.Log(after / before));
            line += $" {before * 1e6:F2}, {after * 1e6:F2} | {after / before:F3} |";
        }

        Console.WriteLine(line);
    }

    /// <summary>The fastest turn of either build, way by way.</summary>
    private sealed class Best
    {
        public double[][] Seconds { get; } =
        [
            [.. Ways.Select(_ => double.PositiveInfinity)],
            [.. Ways.Select(_ => double.PositiveInfinity)],
        ];

        public void Take(int build, double[] seconds)
        {
            for (int way = 0; way < seconds.Length; way++)
                Seconds[build][way] = Math.Min(Seconds[build][way], seconds[way]);
        }
    }
}
