using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>The sizes of a layer's loops.</summary>
/// <param name="layer">The layer.</param>
/// <param name="together">
/// Whether groups of one channel are worked on side by side, as one group.
/// </param>
internal sealed class MacShape(MacLayer layer, bool together = false)
{
    public MacLayer Layer => layer;

    /// <summary>Products per output.</summary>
    public int Depth { get; } = layer.Depth;

    /// <summary>Groups of channels.</summary>
    public int Groups { get; } = together ? 1 : layer.Geometry.Groups;

    /// <summary>Output channels per group.</summary>
    public int GroupChannels { get; } =
        together
            ? layer.Output.Shape.Channels
            : layer.Output.Shape.Channels / layer.Geometry.Groups;

    /// <summary>Outputs per channel.</summary>
    public int Positions { get; } = layer.Output.Shape.Positions;

    /// <summary>Output channels.</summary>
    public int Channels { get; } = layer.Output.Shape.Channels;

    /// <summary>Channels of a group, padded to whole vectors.</summary>
    public int Padded(int lanes) => (GroupChannels + lanes - 1) / lanes * lanes;
}
