using System.Runtime.ExceptionServices;
using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Runner.Data;
using QSim.Runner.Statistics;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>All images of one piece of hardware under one budget.</summary>
/// <param name="Profile">The hardware.</param>
/// <param name="Epsilon">The budget.</param>
/// <param name="Images">One per image.</param>
internal sealed record CertifiedCell(
    string Profile, Epsilon Epsilon, IReadOnlyList<CertifiedImage> Images)
{
    /// <summary>Images with a verdict.</summary>
    public int Count(Verdict verdict) => Images.Count(i => i.Verdict == verdict);

    /// <summary>The share of images that provably nobody breaks.</summary>
    public Proportion Proved => new(Count(Verdict.Proved), Images.Count);

    /// <summary>The share that nobody has broken yet.</summary>
    public Proportion Standing => new(
        Count(Verdict.Proved) + Count(Verdict.Undecided), Images.Count);

    /// <summary>The stage that most undecided images blame; null for none.</summary>
    public string? Blame => Images
        .Where(i => i.Blame is not null)
        .GroupBy(i => i.Blame)
        .OrderByDescending(g => g.Count())
        .FirstOrDefault()?.Key;

    /// <summary>Seconds of all images together.</summary>
    public double Seconds => Images.Sum(i => i.Seconds);

    /// <summary>As in <c>of 500 images 431 proved, 52 broken, 17 undecided at 2/255</c>.</summary>
    public string Line
    {
        get
        {
            string wrong = Count(Verdict.Wrong) is > 0 and var w
                ? $", {w} wrong before any attack"
                : "";
            return $"of {Images.Count} images {Count(Verdict.Proved)} proved, "
                + $"{Count(Verdict.Broken)} broken, {Count(Verdict.Undecided)} undecided at "
                + $"{Epsilon}{wrong}";
        }
    }

    /// <summary>Decides every image.</summary>
    /// <param name="certifier">Decides one.</param>
    /// <param name="hardware">The hardware, for clean images.</param>
    /// <param name="images">The images.</param>
    /// <param name="budget">What is allowed.</param>
    /// <param name="smaller">The same images under a smaller budget; null for none.</param>
    /// <param name="run">How to go about it.</param>
    public static CertifiedCell Make(
        ImageCertifier certifier, (string Profile, Simulation Simulation) hardware,
        ImageSet images, Budget budget, CertifiedCell? smaller, CertifyRun run)
    {
        int[] classes = hardware.Simulation.Classify(images.Pixels.AsSpan(
            0, images.Count * images.Shape.Length));
        var decided = new CertifiedImage[images.Count];
        int done = 0;
        SideBySide(images.Count, run, i =>
        {
            CertifiedImage image = Decide(i);
            run.Keep(i, image);
            decided[i] = image;
            lock (decided)
                run.Report((double)++done / decided.Length, decided);
        });
        return new(hardware.Profile, budget.Epsilon, decided);

        // What breaks under a smaller budget is allowed under this one, too.
        CertifiedImage Decide(int i) =>
            classes[i] != images.Labels[i] ? new(Verdict.Wrong)
            : smaller?.Images[i] is { Verdict: Verdict.Broken } known
                ? known with { Seconds = 0, Nodes = 0 }
            : run.Known(i)
                ?? certifier.Decide(
                    images.Images(i, 1), images.Labels[i], budget, run.Cancellation);
    }

    /// <summary>What the first throws is thrown, not a bundle of it.</summary>
    private static void SideBySide(int count, CertifyRun run, Action<int> work)
    {
        try
        {
            Parallel.For(
                0, count,
                new()
                {
                    MaxDegreeOfParallelism = run.Threads,
                    CancellationToken = run.Cancellation,
                },
                work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }
}

/// <summary>How certificates are made: nothing of it decides what they say.</summary>
/// <param name="Threads">Images at once.</param>
/// <param name="Report">Told the share that is done, and what is decided so far.</param>
/// <param name="Cancellation">Ends it.</param>
internal sealed record CertifyRun(
    int Threads, Action<double, CertifiedImage?[]> Report, CancellationToken Cancellation)
{
    /// <summary>What is known of an image from before; null for nothing.</summary>
    public Func<int, CertifiedImage?> Known { get; init; } = _ => null;

    /// <summary>Told of each image that is decided, by several threads at once.</summary>
    public Action<int, CertifiedImage> Keep { get; init; } = (_, _) => { };
}
