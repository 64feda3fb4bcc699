using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Runner.Statistics;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Predictions;

namespace QSim.Runner.Studies.Cells;

/// <summary>A cell that was measured: one line of <c>cells.jsonl</c>.</summary>
internal sealed record CellRecord
{
    /// <summary>The cell's name by content.</summary>
    public required string Key { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>The target's name in the study that measured it.</summary>
    public required string Target { get; init; }

    /// <summary>What the attacker knew; null for clean images.</summary>
    public ThreatModel? Threat { get; init; }

    /// <summary>The attack's name.</summary>
    public required string Attack { get; init; }

    /// <summary>The budget.</summary>
    public required Epsilon Epsilon { get; init; }

    /// <summary>How the budget is measured.</summary>
    public Norm Norm { get; init; } = Norm.Linf;

    /// <summary>Under transfer, the target that the images were made on.</summary>
    public string? Source { get; init; }

    /// <summary>SHA-256 of the parameters of the target's network.</summary>
    public required string NetworkSha256 { get; init; }

    /// <summary>Under transfer, the same of the source's network.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>
    /// One character per test image: 1 where it is classified right (clean and after the attack),
    /// else 0; of certificates 1 where it is proved.
    /// </summary>
    public required string Outcomes { get; init; }

    /// <summary>What happened to values on the way; only of clean images on hardware.</summary>
    public IReadOnlyList<StageCount>? Events { get; init; }

    /// <summary>What the layers cost and can hold; only of clean images on hardware.</summary>
    public IReadOnlyList<LayerFacts>? Layers { get; init; }

    /// <summary>What the margin model predicts; only of clean images.</summary>
    public MarginRecord? Margins { get; init; }

    /// <summary>What was trained; only with the float network's clean images.</summary>
    public TrainedModel? Model { get; init; }

    /// <summary>What the attack took and met with; only of attacked images.</summary>
    public AttackEvidence? Evidence { get; init; }

    /// <summary>What is proved; only of cells of certificates.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CertificateRecord? Certificate { get; init; }

    /// <summary>A record of a cell.</summary>
    /// <param name="key">Its name by content.</param>
    /// <param name="address">The cell.</param>
    /// <param name="network">The SHA-256 of each target's network, by name.</param>
    /// <param name="isRight">What became of each image.</param>
    public static CellRecord Of(
        string key, CellAddress address, Func<string, string> network,
        IEnumerable<bool> isRight) => new()
        {
            NetworkSha256 = network(address.Target),
            SourceSha256 =
            address.Threat == ThreatModel.Transfer ? network(address.Source) : null,
            Key = key,
            Seed = address.Seed,
            Target = address.Target,
            Threat = address.Threat,
            Attack = address.Attack,
            Epsilon = address.Epsilon,
            Norm = address.Norm,
            Source = address.Threat == ThreatModel.Transfer ? address.Source : null,
            Outcomes = string.Concat(isRight.Select(right => right ? '1' : '0')),
        };

    /// <summary>Images classified right, of all.</summary>
    public Proportion Right() => new(Outcomes.Count(c => c == '1'), Outcomes.Length);
}
