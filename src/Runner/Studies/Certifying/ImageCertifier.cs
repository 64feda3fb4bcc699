using System.Collections.Concurrent;
using System.Diagnostics;
using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Certificates.Bounds;
using QSim.Certificates.Checking;
using QSim.Certificates.Proofs;
using QSim.Certificates.Search;
using QSim.Kernels.Backends.Simd;
using QSim.Simulator;

namespace QSim.Runner.Studies.Certifying;

/// <summary>How much work a certificate may be.</summary>
internal enum CertifyMethod
{
    /// <summary>Bounds alone: milliseconds, and many images stay undecided.</summary>
    Bounds,

    /// <summary>Bounds, then a search until every image is decided or its time is over.</summary>
    Complete,
}

/// <summary>What is known of one image under one budget.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Blame">Of an undecided one: the stage that was too loose.</param>
/// <param name="Nodes">Boxes that were bounded.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="Adversarial">Of a broken one: an allowed image with another class.</param>
internal sealed record CertifiedImage(
    Verdict Verdict, string? Blame = null, long Nodes = 0, double Seconds = 0,
    float[]? Adversarial = null)
{
    /// <summary>Of an undecided one: whether its time was over before its branches were.</summary>
    public bool IsOutOfTime { get; init; }

    /// <summary>Of a proved one: whether an earlier call proved it.</summary>
    public bool IsFromBefore { get; init; }

    /// <summary>Of a proved one: why, where that was asked and can be written down.</summary>
    public Proof? Proof { get; init; }
}

/// <summary>
/// Proves or breaks images of one piece of hardware; any number of threads may ask at once.
/// </summary>
internal sealed class ImageCertifier : IDisposable
{
    private readonly Simulation _hardware;
    private readonly ProgramBounds _bounds;
    private readonly LinearCertifier _linear;
    private readonly ConcurrentBag<CompleteSearch> _searches = [];
    private readonly Lock _lock = new();
    private readonly Lazy<string> _programSha256;

    /// <summary>Works out what does not depend on the image.</summary>
    /// <param name="hardware">The hardware; the caller disposes of it.</param>
    /// <exception cref="NotSupportedException">
    /// Nothing can be proved of it: <see cref="ProgramBounds.WhyNot"/>.
    /// </exception>
    public ImageCertifier(Simulation hardware)
    {
        _hardware = hardware;
        _bounds = new(hardware.Program);
        _programSha256 = new(() => ProgramDigest.Of(hardware.Program));
        _linear = new(_bounds);
    }

    /// <summary>How to decide.</summary>
    public required CertifyMethod Method { get; init; }

    /// <summary>The most time for an image.</summary>
    public required double Seconds { get; init; }

    /// <summary>The most branches for an image.</summary>
    public long MostNodes { get; init; } = long.MaxValue;

    /// <summary>Whether proofs are kept.</summary>
    public bool WritesProofs { get; init; }

    /// <summary>The program, by content.</summary>
    public string ProgramSha256 => _programSha256.Value;

    /// <summary>Null where the checker agrees with a proof, else why it does not.</summary>
    public string? WhyNotWritten(Proof? proof) => proof is null
        ? "its inputs were run one by one"
        : new ProofChecker(_hardware.Program).Check(proof);

    /// <summary>What the hardware decides on an image.</summary>
    /// <param name="pixels">Pixels in [0, 1].</param>
    public int ClassOf(float[] pixels)
    {
        lock (_lock) return _hardware.Classify(pixels)[0];
    }

    /// <summary>Decides one image.</summary>
    /// <param name="image">Pixels in [0, 1].</param>
    /// <param name="label">The class that it has, and that the hardware gives it.</param>
    /// <param name="budget">What is allowed; bounds know every norm, the search L-infinity.</param>
    /// <param name="cancellation">Ends everything.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public CertifiedImage Decide(
        ReadOnlySpan<float> image, int label, Budget budget, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var input = new InputBox(_hardware.Program.Input, budget.PixelLevels);
        TensorBox box = input.Around(image, Reach(budget));
        SearchResult result = Method == CertifyMethod.Bounds
            ? OfBounds(_linear.Certify(box, label, Ball(input, image, budget)))
            : Search(box, label, cancellation);
        CertifiedImage decided = result.Counterexample is { } raw
            ? Confirm(image, label, budget, input.Realize(image, budget.Epsilon.Value, raw))
            : new(result.Verdict, result.Blame)
            {
                Proof = result.Proof,
                IsOutOfTime = result.IsOutOfTime,
            };
        return decided with { Nodes = result.Nodes, Seconds = clock.Elapsed.TotalSeconds };
    }

    /// <summary>A box for each tensor, for every image within a budget.</summary>
    public IReadOnlyList<TensorBox> Tensors(ReadOnlySpan<float> image, Budget budget) =>
        _bounds.Forward(new InputBox(_hardware.Program.Input, budget.PixelLevels).Around(
            image, Reach(budget)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CompleteSearch search in _searches) search.Dispose();
    }

    /// <summary>How far one pixel may go.</summary>
    private static double Reach(Budget budget) => budget.Norm == Norm.Linf
        ? budget.Epsilon.Value
        : InputBall.Widened(budget.Epsilon.Value);

    private static InputBall? Ball(
        InputBox input, ReadOnlySpan<float> image, Budget budget) => budget.Norm == Norm.Linf
        ? null
        : input.Ball(image, budget.Epsilon.Value, budget.Norm == Norm.L1 ? 1 : 2);

    private static SearchResult OfBounds(BoundsResult bounds) => new(
        bounds.IsProved ? Verdict.Proved : Verdict.Undecided, null, bounds.Blame, 1);

    private SearchResult Search(TensorBox box, int label, CancellationToken cancellation)
    {
        if (!_searches.TryTake(out CompleteSearch? search))
            search = new(_bounds, new SimdBackend())
            {
                WritesProofs = WritesProofs,
                MostNodes = MostNodes,
            };
        try
        {
            using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            time.CancelAfter(TimeSpan.FromSeconds(Seconds));
            SearchResult result = search.Decide(box, label, time.Token);
            cancellation.ThrowIfCancellationRequested();
            return result;
        }
        finally
        {
            _searches.Add(search);
        }
    }

    /// <summary>A raw counterexample counts once the hardware was shown its image.</summary>
    private CertifiedImage Confirm(
        ReadOnlySpan<float> image, int label, Budget budget, float[] adversarial)
    {
        if (!budget.Contains(image, adversarial))
            throw new InvalidOperationException("a counterexample outside of its budget");
        return ClassOf(adversarial) != label
            ? new(Verdict.Broken) { Adversarial = adversarial }
            : new(Verdict.Undecided, "input: no pixels give the raw values that break it");
    }
}
