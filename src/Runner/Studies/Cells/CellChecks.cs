using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Predictions;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// What holds of every cell that was measured. Checked when a cell is read, so that nobody who
/// takes one from a store has to doubt it.
/// </summary>
internal static class CellChecks
{
    private const int HashLength = 64, MostFactorBits = 128, MostBits = 1 << 20;
    private const long MostElements = 1L << 50, MostMacs = 1L << 40;

    /// <summary>Why a record is no cell, in words; null where it is one.</summary>
    public static string? WhyNot(CellRecord cell) =>
        WhyNotItself(cell)
        ?? (cell.Evidence is null ? null : WhyNot(cell.Evidence, cell.Outcomes.Length))
        ?? (cell.Margins is null ? null : WhyNot(cell.Margins, cell.Outcomes.Length))
        ?? (cell.Certificate is null
            ? null
            : CertificateRecord.WhyNotOne(cell.Certificate, cell.Outcomes.Length))
        ?? (cell.Model is null ? null : WhyNot(cell.Model))
        ?? cell.Events?.Select(WhyNot).FirstOrDefault(w => w is not null)
        ?? cell.Layers?.Select(WhyNot).FirstOrDefault(w => w is not null);

    /// <summary>Why a cell is not the one that a study means by its key.</summary>
    public static string? WhyNot(CellRecord cell, CellAddress planned, int images)
    {
        if (cell.Outcomes.Length != images)
            return $"it has {cell.Outcomes.Length} outcomes for {images} images";
        bool isSame =
            (cell.Seed, cell.Threat, cell.Attack, cell.Norm)
                == (planned.Seed, planned.Threat, planned.Attack, planned.Norm)
            && cell.Epsilon.Value.Equals(planned.Epsilon.Value);
        return isSame ? null : "its key is another cell's";
    }

    private static string? WhyNotItself(CellRecord cell)
    {
        if (!IsHash(cell.Key)) return "its key is not valid";
        if (!IsHash(cell.NetworkSha256)) return "its network is not valid";
        if (cell.SourceSha256 is { } source && !IsHash(source)) return "its source is not valid";
        if (cell.Outcomes.Length == 0 || cell.Outcomes.Any(c => c is not ('0' or '1')))
            return "outcomes are 0 or 1";
        bool isClean = cell.Threat is null;
        if (isClean != (cell.Attack == AccuracyCell.NoAttack))
            return "clean images meet no attack, and others do";
        bool isCertificate = StudyCertification.IsOne(cell.Attack);
        if (isCertificate != cell.Certificate is not null)
            return "cells of certificates have some, and others none";
        if ((isClean || isCertificate) != cell.Evidence is null
            || isClean != cell.Margins is not null)
            return "attacked images have evidence, and clean ones margins";
        return isClean || cell is { Events: null, Layers: null, Model: null }
            ? null
            : "only clean images have events, layers and a network";
    }

    /// <summary>Why evidence of an attack on so many images is none; null where it is.</summary>
    public static string? WhyNot(AttackEvidence e, int images)
    {
        int[] parts =
        [
            e.WithoutGradient, e.DiesInCount, e.BrokenByLastAttempt, e.BrokenLate, e.Undecided,
        ];
        bool isRight =
            e.Attacked >= 0 && e.Attacked <= images && e.Attempts >= 0
            && parts.All(p => p >= 0 && p <= e.Attacked)
            && IsCount(e.Queries) && IsCount(e.Gradients)
            && (e.Smallest is not { } s || (s.Found >= 0 && s.NotFound >= 0
                && s.Found <= images && s.NotFound <= images));
        return isRight ? null : "its evidence has impossible counts";
    }

    private static string? WhyNot(MarginRecord margins, int images) =>
        margins.Radii.Count != images ? $"it has {margins.Radii.Count} radii for {images} images"
        : margins.Radii.Any(r => r < 0) ? "a radius is below 0"
        : null;

    private static string? WhyNot(TrainedModel model) =>
        model.Parameters < 0 || model.TrainingAccuracy is not (null or (>= 0 and <= 1))
        || !IsHash(model.Sha256)
            ? "its network is described by impossible numbers"
            : null;

    private static string? WhyNot(StageCount count) =>
        count.Elements is < 1 or > MostElements
        || !(count.Overflowed >= 0 && count.Overflowed <= count.Elements)
        || !(count.Inexact >= 0 && count.Inexact <= count.Elements)
            ? "more happened in a stage than it has elements"
            : null;

    private static string? WhyNot(LayerFacts layer)
    {
        // Sums over layers of the products of the first two and the MACs have to fit.
        int[] factors = [layer.WeightBits, layer.InputBits];
        int[] bits =
        [
            layer.OutputBits, layer.AccumulatorBits, layer.NeedsAny ?? 0,
            layer.NeedsCalibration ?? 0, layer.L1Bits,
        ];
        bool isRight =
            layer.Macs is >= 0 and <= MostMacs && layer.Depth >= 0 && layer.Channels >= 0
            && factors.All(b => b is >= 0 and <= MostFactorBits)
            && bits.All(b => b is >= 0 and <= MostBits)
            && layer.CanOverflow >= 0 && layer.CanOverflow <= layer.Channels
            && layer.CanOverflowInCalibration >= 0
            && layer.CanOverflowInCalibration <= layer.Channels;
        return isRight ? null : "a layer has impossible sizes";
    }

    private static bool IsCount(PerImage count) =>
        count is { Mean: >= 0, Median: >= 0, Most: >= 0 };

    private static bool IsHash(string text) =>
        text.Length == HashLength && text.All(char.IsAsciiHexDigitLower);
}
