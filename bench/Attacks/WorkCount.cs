using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Simulator;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Bench;

/// <summary>
/// What one step of PGD on LeNet-5 asks of a card, counted by the driver without one (bench/Cuda,
/// <c>QSIM_CUDA_WORK=1</c>): instructions of a warp and bytes, for each kernel and image, and the
/// least time in which an H200 could do that. Nothing is measured.
/// </summary>
internal static class WorkCount
{
    private const double Clock = 1.98e9, Processors = 132, Memory = 4.8e12;

    /// <summary>
    /// Warp instructions of a multiprocessor per clock, as the CUDA C++ programming guide has them
    /// for compute capability 9.0 (threads / 32), in the driver's order of classes: float, integer,
    /// double, loads, stores, shared, control.
    /// </summary>
    private static readonly double[] PerClock = [4, 2, 2, 1, 1, 1, 4];

    private const double IssuedPerClock = 4;

    /// <summary>Prints a table.</summary>
    /// <param name="images">Of the batch; whole warps are counted.</param>
    /// <param name="profile">Hardware whose forward pass it is; null for the network's own.</param>
    public static void Run(int images, string? profile)
    {
        FloatNetwork network = AttackRate.Create("lenet5");
        using ITrainableModel model = GradientEngineList.Find("ilgpu")!.Create(network);
        LabelledImages batch = AttackRate.Images(network, images);
        using Simulation? chip =
            profile is null ? null : CardRate.Chip(network, batch, "cuda", profile);
        IClimber climber =
            chip is null ? new FloatClassifier(model) : new HardwareClassifier(chip, "chip", model);
        Dictionary<string, long[]> none = Read();
        Climb(1);
        Dictionary<string, long[]> one = Read();
        ulong found = Climb(2);
        Dictionary<string, long[]> two = Read();
        Console.WriteLine(
            "| kernel, threads | launches | float | integer | double | loads | stores | shared "
                + "| control | read | written | ns at least | limit |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|");
        double[] sums = new double[12];
        foreach ((string name, long[] after) in two)
        {
            // Two steps less one, of which the first call began with none.
            double[] step =
            [
                .. after.Select((v, i) =>
                    (double)(v - (2 * At(one, name, i)) + At(none, name, i))),
            ];
            if (step[0] > 0) Row(name, step);
        }

        Row("all", null);
        Console.WriteLine();
        Console.WriteLine($"Bits of the images after two steps, and of logits: {found:x16}");

        ulong Climb(int steps)
        {
            var rows = new ClimbImages(
                [.. batch.Pixels], batch.Pixels, batch.Labels,
                new float[images * network.Classes]);
            climber.Make(
                new Climb(
                    CrossEntropyLoss.Instance, steps, 0.01f, new Budget(Norm.Linf, new(0.1)),
                    StopsAtFooled: false),
                rows, CancellationToken.None);
            ulong hash = 14695981039346656037;
            foreach (float value in rows.Pixels.Concat(rows.Logits))
                hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211;
            return hash;
        }

        void Row(string name, double[]? step)
        {
            (double ns, string limit) = step is null ? (sums[^1], "") : Least(step, images);
            double[] each = step is null
                ? sums[..^1]
                : [step[0], .. step[3..].Select(n => n / 32 / images), step[1] / images,
                    step[2] / images];
            if (step is not null)
                for (int i = 0; i < sums.Length; i++) sums[i] += i < each.Length ? each[i] : ns;
            Console.WriteLine(
                $"| {name} | " + string.Join(" | ", each.Select(n => n.ToString(
                    n > 0 && n < 10 ? "F1" : "F0", CultureInfo.InvariantCulture)))
                + $" | {ns:F2} | {limit} |");
        }
    }

    private static long At(Dictionary<string, long[]> counts, string name, int i) =>
        counts.TryGetValue(name, out long[]? found) ? found[i] : 0;

    /// <summary>Nanoseconds per image of whatever is busiest, were it never idle.</summary>
    private static (double Nanoseconds, string Limit) Least(double[] step, int images)
    {
        string[] names =
            ["float", "integer", "double", "loads and stores", "", "", "control"];
        double[] warps = [.. step[3..].Select(n => n / 32)];
        double second = Clock * Processors;
        double moved = warps[3] + warps[4] + warps[5];
        (double, string)[] all =
        [
            ((step[1] + step[2]) / Memory, "memory"),
            (warps.Sum() / IssuedPerClock / second, "issue"),
            (moved / second, names[3]),
            .. new[] { 0, 1, 2 }.Select(c => (warps[c] / PerClock[c] / second, names[c])),
        ];
        (double time, string limit) = all.Max();
        return (time * 1e9 / images, limit);
    }

    /// <summary>By kernel: launches, bytes read and written, instructions by class.</summary>
    private static Dictionary<string, long[]> Read()
    {
        byte[] room = new byte[1 << 20];
        int length;
        try
        {
            length = Work(room, room.Length);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A card's driver: whoever runs this has a tool that counts.
            return [];
        }

        return Encoding.UTF8.GetString(room, 0, length)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))
            .ToDictionary(
                p => $"{p[0]} {p[1]}, {p[2]}",
                p => (long[])[long.Parse(p[3]), .. p[5..].Select(long.Parse)]);
    }

    [DllImport("libcuda.so", EntryPoint = "qsimWork")]
    private static extern int Work([Out] byte[] room, int bytes);
}
