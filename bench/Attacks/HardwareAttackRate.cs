using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Methods;
using QSim.Kernels.Backends;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Bench;

/// <summary>
/// PGD-40 on LeNet-5 under threat model <c>hardware</c>, as a whole: every step runs the hardware's
/// integers on one backend and takes gradients from one engine.
/// </summary>
internal static class HardwareAttackRate
{
    private const int Steps = 40;
    private const int Batch = 1024;
    private static readonly string[] Profiles = ["int8-wide", "int8-acc-sat", "hls4ml-default"];

    /// <summary>Prints a table of images per second, the faster of two runs each.</summary>
    public static void Run(string[] backends, string[] engines, int count)
    {
        Console.WriteLine(
            $"PGD-{Steps} on lenet5, threat model hardware, linf 0.1, {count} images in batches of "
                + $"{Batch}, {Environment.ProcessorCount} CPU threads, the faster of two runs");
        Console.WriteLine();
        Console.WriteLine("| profile | backend | gradients | images/s |");
        Console.WriteLine("|---|---|---|--:|");
        FloatNetwork network = AttackRate.Create("lenet5");
        LabelledImages images = AttackRate.Images(network, count);
        foreach (string profile in Profiles)
        {
            var program = Quantizer.Quantize(
                network, DatapathCompiler.Compile(ProfileReader.Read(profile)),
                images.Pixels[..(64 * network.Input.Length)]);
            foreach (IBackend backend in backends.Select(Backend))
                foreach (IGradientEngine engine in engines.Select(Engine))
                {
                    using var hardware = new Simulation(program, backend);
                    double rate = Measure(network, images, hardware, engine);
                    Console.WriteLine(
                        $"| {profile} | {backend.Name} | {engine.Name} | {rate:F0} |");
                }
        }
    }

    private static double Measure(
        FloatNetwork network, LabelledImages images, Simulation hardware, IGradientEngine engine)
    {
        using ITrainableModel model = engine.Create(network, Environment.ProcessorCount);
        var target = new HardwareClassifier(hardware, "chip", model);

        // Labels as the hardware has them, so that every image is attacked.
        images = images with { Labels = Evaluation.Evaluation.Classify(target, images) };
        TimeSpan best = TimeSpan.MaxValue;
        for (int run = 0; run < 2; run++)
        {
            long start = Stopwatch.GetTimestamp();
            Evaluation.Evaluation.Run(
                ProjectedGradient.Pgd(Steps), AttackTarget.WhiteBox(target), images,
                new(Norm.Linf, new(0.1)), new() { BatchSize = Batch });
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            if (took < best) best = took;
        }

        return images.Labels.Length / best.TotalSeconds;
    }

    private static IBackend Backend(string name) => BackendList.Find(name) is { } found
        ? found
        : throw new ArgumentException($"no backend '{name}'");

    private static IGradientEngine Engine(string name) => GradientEngineList.Find(name) is { } found
        ? found
        : throw new ArgumentException($"no gradient engine '{name}'");
}
