namespace QSim.Runner.Studies.Certifying;

/// <summary>What one cell of certificates says, image by image.</summary>
internal sealed record CertificateRecord
{
    /// <summary>Proved by this cell.</summary>
    public const char Proved = 'p';

    /// <summary>Broken by this cell: the hardware was shown the image.</summary>
    public const char Broken = 'b';

    /// <summary>Neither.</summary>
    public const char Undecided = 'u';

    /// <summary>Neither, because its time was over.</summary>
    public const char OutOfTime = 't';

    /// <summary>Not looked at: wrong anyway, or decided by cells before.</summary>
    public const char Skipped = '-';

    /// <summary>One character per test image.</summary>
    public required string Verdicts { get; init; }

    /// <summary>Boxes that were bounded.</summary>
    public long Nodes { get; init; }

    /// <summary>Stages that were too loose for undecided images, the most frequent first.</summary>
    public IReadOnlyList<BlamedStage> Blamed { get; init; } = [];

    /// <summary>Of bounds: what accumulators have to hold for images within the budget.</summary>
    public IReadOnlyList<LayerNeed> Needs { get; init; } = [];

    /// <summary>Why nothing can be proved of the hardware; null where something can.</summary>
    public string? WhyNot { get; init; }

    /// <summary>Why a record is none of so many images; null where it is.</summary>
    public static string? WhyNotOne(CertificateRecord record, int images) =>
        record.Verdicts.Length != images
        || record.Verdicts.Any(
            v => v is not (Proved or Broken or Undecided or OutOfTime or Skipped))
        || record.Nodes < 0
        || record.Blamed.Any(b => b.Images < 1 || b.Images > images)
        || record.Needs.Any(n => n.Bits is < 0 or > 1 << 20)
            ? "its certificates are impossible"
            : null;
}

/// <summary>A stage that was too loose.</summary>
/// <param name="Stage">Layer and stage.</param>
/// <param name="Images">For so many images.</param>
internal sealed record BlamedStage(string Stage, int Images);

/// <summary>What the accumulator of a layer has to hold.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Bits">
/// Bits that hold every partial sum; null where an unsigned one lacks a sign.
/// </param>
internal sealed record LayerNeed(string Layer, int? Bits);
