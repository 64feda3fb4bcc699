using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>What a run returned.</summary>
/// <param name="Outputs">Raw outputs, [image][channel][row][column].</param>
/// <param name="Events">Per layer, in program order; empty when not collected.</param>
/// <param name="Taps">Raw values of each requested tensor, [image][channel][row][column].</param>
public sealed record RunResult(
    long[] Outputs, ImmutableArray<LayerEvents> Events, ImmutableDictionary<int, long[]> Taps);

/// <summary>Events of one layer: one entry per stage that it has.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Stages">Stages in the order of <see cref="EventStage"/>.</param>
public sealed record LayerEvents(string Layer, ImmutableArray<StageEvents> Stages);

/// <summary>
/// Events of one stage. An output element counts once however often its flag was raised, so counts
/// do not depend on the order of evaluation.
/// </summary>
/// <param name="Stage">Which stage.</param>
/// <param name="Overflowed">Output elements that overflowed, per channel.</param>
/// <param name="Inexact">Output elements that lost a set bit, per channel.</param>
/// <param name="FirstOverflow">
/// The overflowed element with the lowest (image, channel, position), if any.
/// </param>
public sealed record StageEvents(
    EventStage Stage, long[] Overflowed, long[] Inexact, ElementAddress? FirstOverflow);

/// <summary>Where an output element is.</summary>
/// <param name="Image">
/// Index in the dataset (<see cref="RunOptions.FirstImage"/> counted in).
/// </param>
/// <param name="Channel">Output channel.</param>
/// <param name="Position">row * columns + column.</param>
public readonly record struct ElementAddress(long Image, int Channel, int Position)
    : IComparable<ElementAddress>
{
    /// <summary>By image, then channel, then position.</summary>
    public int CompareTo(ElementAddress other) =>
        (Image, Channel, Position).CompareTo((other.Image, other.Channel, other.Position));
}
