using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Certificates.Bounds;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>How long bounds take, by trying them on some images.</summary>
internal static class BoundsTrial
{
    private const int Images = 24;

    /// <summary>Seconds for all test images under one budget.</summary>
    /// <param name="inputs">The study.</param>
    /// <param name="hardware">The hardware; nothing where it cannot be certified.</param>
    /// <param name="epsilon">The budget.</param>
    /// <param name="cancellation">Stops between images.</param>
    public static double Seconds(
        StudyInputs inputs, Simulation hardware, Epsilon epsilon, CancellationToken cancellation)
    {
        if (ProgramBounds.WhyNot(hardware.Program) is not null) return 0;
        int all = Math.Min(inputs.Settings.Images, inputs.Data.Test.Count);
        int count = Math.Min(Images, all);
        var images = inputs.Data.Test.Slice(0, count);
        var labelled = new LabelledImages(images.Shape, images.Pixels, images.Labels);
        labelled = labelled with { Labels = hardware.Classify(images.Pixels) };
        Budget budget = inputs.Settings.Budget(epsilon);
        using var certifier = new ImageCertifier(hardware)
        {
            Method = CertifyMethod.Bounds,
            Seconds = StudyCertification.Usual.Seconds,
        };
        Decide();
        var clock = Stopwatch.StartNew();
        Decide();
        return clock.Elapsed.TotalSeconds * all / count;

        void Decide() => Parallel.For(
            0, count, new ParallelOptions { CancellationToken = cancellation },
            i =>
            {
                AccumulatorNeeds.Of(
                    hardware.Program, certifier.Tensors(labelled.Image(i), budget));
                certifier.Decide(labelled.Image(i), labelled.Labels[i], budget, cancellation);
            });
    }
}
