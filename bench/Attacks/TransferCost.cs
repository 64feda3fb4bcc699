using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Kernels.Backends;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Attacks.Bench;

/// <summary>
/// What a transfer evaluation of many profiles costs, against one attack and a forward pass per
/// profile.
/// </summary>
internal static class TransferCost
{
    private const int Profiles = 50;
    private const int Count = 256;

    /// <summary>Prints the figures.</summary>
    public static void Run(int threads)
    {
        FloatNetwork network = AttackRate.Create("lenet5");
        LabelledImages images = AttackRate.Images(network, Count);
        using var model = new ManagedGradientModel(network, threads);
        var source = new FloatClassifier(model);
        images = images with { Labels = Evaluation.Evaluation.Classify(source, images) };
        Simulation[] chips =
            [.. Enumerable.Range(0, Profiles).Select(i => Chip(network, images, 14 + i))];
        IClassifier[] judges =
            [.. chips.Select((chip, i) => new HardwareClassifier(chip, $"chip {i}"))];
        Budget budget = new(Norm.Linf, new(0.1));
        RobustnessResult Evaluate(CleanVerdicts? clean, params IClassifier[] by) =>
            Evaluation.Evaluation.Run(
                ProjectedGradient.Pgd(), AttackTarget.Transfer(source, by), images, budget,
                new() { Clean = clean });
        var known = new CleanVerdicts(images);
        known.Of([source, .. judges], images);
        double attack = Best(() => Evaluate(known, source)), passes = Best(() =>
        {
            foreach (IClassifier judge in judges) Evaluation.Evaluation.Classify(judge, images);
        });
        double first = Best(() => Evaluate(null, judges)),
            further = Best(() => Evaluate(known, judges));
        Console.WriteLine();
        Console.WriteLine(
            $"Transfer of PGD-40 on lenet5 to {Profiles} profiles, {Count} images: one attack "
                + $"{attack:F3} s, {Profiles} forward passes {passes:F3} s. The first attack and "
                + $"budget of a study, with {Profiles} passes over the clean images: {first:F3} s, "
                + $"{first / (attack + (2 * passes)):F2} of attack and {2 * Profiles} passes. Each "
                + $"further one: {further:F3} s, {further / (attack + passes):F2} of attack and "
                + $"{Profiles} passes.");
        foreach (Simulation chip in chips)
            chip.Dispose();
    }

    private static Simulation Chip(FloatNetwork network, LabelledImages images, int bits)
    {
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(
            "int8-wide", new ProfileOverride("mac.accumulator.bits", $"{bits}")));
        var program = Quantizer.Quantize(network, datapath, images.Pixels);
        return new(program, BackendList.Best(program));
    }

    private static double Best(Action work)
    {
        double best = double.PositiveInfinity;
        for (int run = 0; run < 10; run++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
