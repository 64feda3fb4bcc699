using System.Text.Json.Serialization;

namespace QSim.Runner.Studies;

/// <summary>The float network after training.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Numbers that training changed.</param>
/// <param name="TrainingAccuracy">
/// In the epoch that was kept, on the batches as they were trained on, 0..1; null for a network
/// that was loaded.
/// </param>
/// <param name="Sha256">Of its parameters as little-endian float32, layer after layer.</param>
/// <param name="GradientEngine">The engine that trained it and led the attacks.</param>
internal sealed record TrainedModel(
    ulong Seed, string Name, int Parameters,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    double? TrainingAccuracy, string Sha256, string GradientEngine)
{
    /// <summary>
    /// The target whose own network it is; null for the float network, which profiles may share.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Profile { get; init; }

    /// <summary>
    /// How training by a recipe went; the recipe is the study's. Null without one.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingOutcome? Training { get; init; }
}

/// <summary>How training went.</summary>
/// <param name="Epochs">Epochs that were run.</param>
/// <param name="KeptEpoch">The one whose parameters were kept.</param>
/// <param name="ValidationAccuracy">
/// Of that epoch on the images held out, 0..1; null where there are none.
/// </param>
internal sealed record TrainingOutcome(int Epochs, int KeptEpoch, double? ValidationAccuracy);
