using QSim.Runner.Studies.Predictions;

namespace QSim.Runner.Studies;

/// <summary>What is known of a clean cell beside its outcomes.</summary>
internal sealed record CleanFacts
{
    /// <summary>What happened to values on the way; of hardware.</summary>
    public IReadOnlyList<StageCount>? Events { get; init; }

    /// <summary>What the layers cost and can hold; of hardware.</summary>
    public IReadOnlyList<LayerFacts>? Layers { get; init; }

    /// <summary>
    /// What was trained; of the float network, and of profiles with a network of their own.
    /// </summary>
    public TrainedModel? Model { get; init; }

    /// <summary>What the margin model predicts.</summary>
    public MarginRecord? Margins { get; init; }
}
