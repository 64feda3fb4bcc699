using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>Which stages of which layers report events.</summary>
public static class EventStages
{
    /// <summary>
    /// The stages of a layer at which a conversion can change a value, ascending.
    /// </summary>
    public static ImmutableArray<EventStage> Of(ProgramLayer layer) => layer switch
    {
        MacLayer { Mac.ProductStage: ProductStage.Converted } =>
            [EventStage.Product, EventStage.Accumulator, EventStage.Output],
        MacLayer => [EventStage.Accumulator, EventStage.Output],
        SoftmaxLayer { Kind: SoftmaxKind.Latency } =>
            [EventStage.Accumulator, EventStage.Output, EventStage.Exponential, EventStage.Inverse],
        SoftmaxLayer =>
        [
            EventStage.Accumulator, EventStage.Output, EventStage.Difference,
            EventStage.Exponential, EventStage.Inverse,
        ],
        AveragePoolLayer or LookupLayer or AddLayer or ConcatLayer => [EventStage.Output],
        _ => [],
    };

    /// <summary>
    /// A counter with one entry per stage of the layer and one count per output channel.
    /// </summary>
    public static EventCounter CounterFor(ProgramLayer layer) =>
        new(layer.Name, Of(layer), layer.Output.Shape.Channels);
}
