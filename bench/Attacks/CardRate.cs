using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Methods;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Bench;

/// <summary>
/// PGD-40 on LeNet-5, random start to verdict, no image leaving: the managed engine on the CPU
/// against the engine <c>ilgpu</c> on a card, whose images stay there from the first step to the
/// last; on the float network, and on hardware (int8-wide).
/// </summary>
internal static class CardRate
{
    private const int Steps = 40;
    private const double EpsilonValue = 0.1;

    /// <summary>Of a whole attack on the card: the host begins and ends some meanwhile.</summary>
    private const int Batches = 4;

    private const int WarmBatch = 1024;

    private const string NetworkName = "lenet5";

    /// <summary>Prints a table.</summary>
    /// <param name="seconds">Least time for each figure.</param>
    /// <param name="batches">Images per batch on the card.</param>
    public static void Run(double seconds, IEnumerable<int> batches)
    {
        IGradientEngine ilgpu = GradientEngineList.Find("ilgpu")!,
            managed = GradientEngineList.Find("managed")!;
        Console.WriteLine(
            $"PGD-{Steps}, linf {EpsilonValue}, {NetworkName}, random weights, images/s, best of "
                + $"{seconds} s each; managed on {Environment.ProcessorCount} cores");
        if (ilgpu.WhyUnavailable is { } reason)
        {
            Console.WriteLine($"ilgpu: {reason}");
            return;
        }

        Console.WriteLine();
        Console.WriteLine(
            "| forward pass | engine | batch | whole attack, images/s | x managed | steps alone, "
                + "images/s | x managed |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|");
        foreach (bool isHardware in new[] { false, true })
        {
            // So that nothing is measured before its code is compiled for good.
            Measure(ilgpu, "cuda", isHardware, WarmBatch, Math.Max(seconds, 1), Batches);
            string what = isHardware ? "int8-wide" : "float32";
            double cpu = new[] { 256, 1024 }.Max(
                b => Measure(managed, "simd", isHardware, b, seconds, batches: 1).Whole);
            Console.WriteLine($"| {what} | managed | 256, 1024 | {cpu:F0} | 1.0 | | |");
            foreach (int batch in batches)
            {
                (double whole, double steps) =
                    Measure(ilgpu, "cuda", isHardware, batch, seconds, Batches);
                Console.WriteLine(
                    $"| {what} | ilgpu | {batch} | {whole:F0} | {whole / cpu:F1} | {steps:F0} | "
                        + $"{steps / cpu:F1} |");
            }
        }
    }

    /// <summary>
    /// Images per second, from the clean images to the verdict, of several batches, and for the
    /// steps of one with the way to the card and back; 0 where the source does not climb by itself.
    /// </summary>
    private static (double Whole, double Steps) Measure(
        IGradientEngine engine, string backend, bool isHardware, int batch, double seconds,
        int batches)
    {
        FloatNetwork network = AttackRate.Create(NetworkName);
        using ITrainableModel model = engine.Create(network);
        LabelledImages images = AttackRate.Images(network, batch * batches);
        using Simulation? chip =
            isHardware ? Chip(network, images, backend, "int8-wide") : null;
        IDifferentiableClassifier source = chip is null
            ? new FloatClassifier(model)
            : new HardwareClassifier(chip, "chip", model);

        // Labels as the source has them, so that no image is skipped.
        images = images with
        {
            Labels = Evaluation.Evaluation.Classify(source, images, batchSize: batch),
        };
        AttackTarget target = AttackTarget.Transfer(source, source);
        var budget = new Budget(Norm.Linf, new(EpsilonValue));
        var clean = new CleanVerdicts(images);
        double whole = Best(seconds, () => Evaluation.Evaluation.Run(
            ProjectedGradient.Pgd(Steps), target, images, budget,
            new() { BatchSize = batch, Clean = clean }));
        var climb = new Climb(
            CrossEntropyLoss.Instance, Steps, (float)(2.5 / Steps * EpsilonValue), budget,
            StopsAtFooled: false);
        double rate = images.Count / whole;
        if (source is not IClimber climber || !climber.CanClimb(climb)) return (rate, 0);
        float[] pixels = images.Pixels[..(batch * network.Input.Length)];
        var rows = new ClimbImages(
            [.. pixels], pixels, images.Labels[..batch],
            new float[batch * network.Classes]);
        double steps = Best(seconds, () => climber.Make(climb, rows, CancellationToken.None));
        return (rate, batch / steps);
    }

    private static double Best(double seconds, Action work)
    {
        double best = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        for (int run = 0; run < 3 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds; run++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>A network on hardware of a profile, scales from these images.</summary>
    public static Simulation Chip(
        FloatNetwork network, LabelledImages images, string backend, string profile)
    {
        QuantizedProgram program = Quantizer.Quantize(
            network, DatapathCompiler.Compile(ProfileReader.Read(profile)),
            images.Pixels[..(Math.Min(256, images.Count) * network.Input.Length)]);
        return new(program, BackendList.Find(backend)!);
    }
}
