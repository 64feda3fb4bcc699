using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Kernels.Backends;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Bench;

/// <summary>
/// One gradient step of threat model <c>hardware</c>: images to integers, the hardware's forward
/// pass, its activations back, and the backward pass straight through its rounding.
/// </summary>
internal static class HardwareStepRate
{
    private const int Batch = 128;
    private static readonly string[] Networks = ["conv-relu-dense", "mlp", "lenet5"];
    private static readonly string[] Profiles = ["int8-wide", "int8-acc-sat", "hls4ml-default"];

    /// <summary>Prints the time and the bytes allocated of a step, the best of each.</summary>
    public static void Run(double seconds, int threads)
    {
        Console.WriteLine(
            $"A gradient step through hardware (simd, managed), {Batch} images, {threads} threads, "
                + $"best of {seconds} s");
        Console.WriteLine();
        Console.WriteLine("| network | profile | ms/step | allocated/step |");
        Console.WriteLine("|---|---|--:|--:|");
        foreach (string name in Networks)
            foreach (string profile in Profiles)
            {
                (double time, long allocated) = Measure(Create(name), profile, seconds, threads);
                Console.WriteLine($"| {name} | {profile} | {time * 1e3:F2} | {allocated} B |");
            }
    }

    private static FloatNetwork Create(string name)
    {
        if (name != "conv-relu-dense") return AttackRate.Create(name);
        FloatNetwork network = new NetworkBuilder(name, new(1, 28, 28))
            .Conv(32, 3, padding: 1).Relu().Flatten().Dense(10).Build();
        var random = new Random(1);
        foreach (float[] parameter in network.Layers.SelectMany(l => l.Parameters))
            for (int i = 0; i < parameter.Length; i++)
                parameter[i] = (random.NextSingle() - 0.5f) / 8;
        return network;
    }

    private static (double Seconds, long Allocated) Measure(
        FloatNetwork network, string profile, double seconds, int threads)
    {
        LabelledImages images = AttackRate.Images(network, Batch);
        var program = Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile)), images.Pixels);
        using var hardware = new Simulation(program, BackendList.Find("simd")!);
        using var model = new ManagedGradientModel(network, threads);
        var target = new HardwareClassifier(hardware, "chip", model);
        long[] indices = [.. Enumerable.Range(0, Batch)];
        float[] gradients = new float[images.Pixels.Length], losses = new float[Batch];
        float[] logits = new float[Batch * network.Classes];
        int[] classes = new int[Batch];
        double best = double.PositiveInfinity;
        long allocated = long.MaxValue;
        long begin = Stopwatch.GetTimestamp();
        for (int run = 0; run < 5 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds; run++)
        {
            long before = GC.GetTotalAllocatedBytes(true);
            long start = Stopwatch.GetTimestamp();
            target.Differentiate(
                images.Pixels, indices, images.Labels, CrossEntropyLoss.Instance, new()
                {
                    Gradients = gradients,
                    Losses = losses,
                    Logits = logits,
                    Classes = classes,
                });
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            allocated = Math.Min(allocated, GC.GetTotalAllocatedBytes(true) - before);
        }

        return (best, allocated);
    }
}
