using System.Diagnostics;
using System.Globalization;
using QSim.Attacks.Bench;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Simulator.Networks;

// Usage: qsim-bench-attacks [SECONDS], or pgd [SECONDS [BATCH...]], or transfer,
//        or step [SECONDS], or card [SECONDS [BATCH...]],
//        or work [IMAGES [PROFILE]] (counted by the driver of bench/Cuda, or on a card by ncu),
//        or hardware BACKEND,... ENGINE,... [IMAGES]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["pgd", ..])
{
    AttackRate.Run(
        args.Length > 1 ? double.Parse(args[1]) : 2, Environment.ProcessorCount,
        args.Length > 2 ? args[2..].Select(int.Parse) : [64, 256]);
    TransferCost.Run(Environment.ProcessorCount);
    return;
}

if (args is ["card", ..])
{
    CardRate.Run(
        args.Length > 1 ? double.Parse(args[1]) : 3,
        args.Length > 2 ? args[2..].Select(int.Parse) : [256, 4096, 16384]);
    return;
}

if (args is ["work", ..])
{
    WorkCount.Run(
        args.Length > 1 ? int.Parse(args[1]) : 128, args.Length > 2 ? args[2] : null);
    return;
}

if (args is ["transfer"])
{
    TransferCost.Run(Environment.ProcessorCount);
    return;
}

if (args is ["step", ..])
{
    HardwareStepRate.Run(
        args.Length > 1 ? double.Parse(args[1]) : 2, Environment.ProcessorCount);
    return;
}

if (args is ["hardware", string backends, string engines, ..])
{
    HardwareAttackRate.Run(
        backends.Split(','), engines.Split(','), args.Length > 3 ? int.Parse(args[3]) : 2048);
    return;
}

double seconds = args.Length > 0 ? double.Parse(args[0]) : 2;
const int Images = 256;
double rate = FusedMultiplyAddRate.Measure();
Console.WriteLine(
    $"Fused multiply-add rate of one core, registers only: {rate / 1e9:F1} G/s (float32)");
Console.WriteLine($"Managed gradient engine, {Images} images per call, best of {seconds} s");
Console.WriteLine();
Console.WriteLine(
    "| network | gradients of | threads | multiply-adds/image | us/image | x the time these need | "
        + "allocated/call |");
Console.WriteLine("|---|---|--:|--:|--:|--:|--:|");
foreach (string name in NetworkPresets.Names)
{
    FloatNetwork network = NetworkPresets.Create(name);
    var random = new Random(1);
    foreach (float[] parameter in network.Layers.SelectMany(l => l.Parameters))
        for (int i = 0; i < parameter.Length; i++) parameter[i] = (random.NextSingle() - 0.5f) / 8;

    // The forward products of every layer, and as many again for the gradient of its input, or of
    // its input but for the first layer's, and of its weights.
    foreach (bool trains in new[] { false, true })
    {
        long needed = trains
            ? (3 * Products(network)) - FirstProducts(network)
            : 2 * Products(network);
        foreach (int threads in new[] { 1, 2 })
        {
            (double time, long allocated) = Measure(network, threads, trains);
            Console.WriteLine(
                $"| {name} | {(trains ? "parameters" : "images")} | {threads} | {needed} | "
                    + $"{time * 1e6:F1} | {time * threads * rate / needed:F2} | {allocated} B |");
        }
    }
}

(double SecondsPerImage, long Allocated) Measure(FloatNetwork network, int threads, bool trains)
{
    using var model = new ManagedGradientModel(network, threads);
    var random = new Random(2);
    float[] images =
        [.. Enumerable.Range(0, Images * network.Input.Length).Select(_ => random.NextSingle())];
    int[] labels = [.. Enumerable.Range(0, Images).Select(i => i % network.Classes)];
    float[] gradients = new float[trains ? model.ParameterCount : images.Length],
        losses = new float[Images];
    float[] logits = new float[Images * network.Classes];
    var loss = new CrossEntropyLoss();
    double best = double.PositiveInfinity;
    long allocated = long.MaxValue;
    long begin = Stopwatch.GetTimestamp();
    for (int run = 0; run < 5 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds; run++)
    {
        long before = GC.GetTotalAllocatedBytes(true);
        long start = Stopwatch.GetTimestamp();
        if (trains) model.ParameterGradients(images, labels, loss, gradients, losses, logits);
        else model.Gradients(images, labels, loss, gradients, losses, logits);
        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        allocated = Math.Min(allocated, GC.GetTotalAllocatedBytes(true) - before);
    }

    return (best / Images, allocated);
}

static long Products(FloatNetwork network) =>
    Enumerable.Range(0, network.Layers.Length).Sum(i => LayerProducts(network, i));

static long FirstProducts(FloatNetwork network) =>
    Enumerable
        .Range(0, network.Layers.Length)
        .Select(i => LayerProducts(network, i))
        .First(p => p > 0);

static long LayerProducts(FloatNetwork network, int layer) => network.Layers[layer] switch
{
    Conv2dLayer conv => (long)conv.Weight.Length * network.Shape(layer + 1).Positions,
    DenseLayer dense => dense.Weight.Length,
    _ => 0,
};
