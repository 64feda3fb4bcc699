using System.Globalization;

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
        Console.WriteLine(
            $"us per image before and after, the best of {2 * Turns} turns each; ratio: the median "
                + $"of {2 * Turns} pairs of neighbouring turns");
        Console.WriteLine();
        Console.WriteLine(
            "| network | arithmetic |" + string.Concat(Ways.Select(w => $" {w} | ratio |")));
        Console.WriteLine("|---|---|" + string.Concat(Ways.Select(_ => "--:|--:|")));
        foreach (NetworkShape network in networks)
        {
            List<double>[] logs = [[], [], []];
            foreach (BenchArithmetic arithmetic in arithmetics)
            {
                Pairs pairs = new();
                Measure(after, before, pairs, isSwapped: true);
                Measure(before, after, pairs, isSwapped: false);
                Print($"| {network.Name} | {arithmetic.Name} |", pairs, logs);

                void Measure(string first, string second, Pairs into, bool isSwapped)
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

    private static void Print(string line, Pairs pairs, List<double>[] logs)
    {
        for (int way = 0; way < Ways.Length; way++)
        {
            double ratio = pairs.Ratio(way);
            logs[way].Add(Math.Log(ratio));
            line += string.Create(
                CultureInfo.InvariantCulture,
                $" {pairs.Best(0, way) * 1e6:F2}, {pairs.Best(1, way) * 1e6:F2} | {ratio:F3} |");
        }

        Console.WriteLine(line);
    }

    /// <summary>
    /// Seconds of both builds in turns that were neighbours in time: whatever slows the machine
    /// down meets both, where the best of many turns may be luck of one.
    /// </summary>
    private sealed class Pairs
    {
        private readonly List<double[]>[] _seconds = [[], []];

        public void Take(int build, double[] seconds) => _seconds[build].Add(seconds);

        public double Best(int build, int way) => _seconds[build].Min(s => s[way]);

        public double Ratio(int way)
        {
            double[] ratios =
                [.. _seconds[0].Zip(_seconds[1], (before, after) => after[way] / before[way])];
            Array.Sort(ratios);
            int half = ratios.Length / 2;
            return ratios.Length % 2 == 1
                ? ratios[half]
                : Math.Sqrt(ratios[half - 1] * ratios[half]);
        }
    }
}
