namespace QSim.Simulator.Profiles;

/// <summary>
/// What a hardware profile comes to once every default and override is resolved: the formats and
/// stages that each layer of a network runs on.
/// </summary>
public abstract class Datapath
{
    /// <summary>The profile's name.</summary>
    public abstract string Name { get; }

    /// <summary>Format of the network's input.</summary>
    internal abstract ValueFormat Input { get; }

    /// <summary>
    /// The stages of one layer, overrides applied: by name over by glob over by type over the
    /// default.
    /// </summary>
    /// <param name="kind">The layer's type, as in <c>conv2d</c>.</param>
    /// <param name="name">The layer's name in its network.</param>
    /// <param name="isLast">True for the layer that makes the logits.</param>
    internal abstract LayerDatapath For(string kind, string name, bool isLast);

    /// <summary>
    /// Overrides by name or glob that would have no effect on a network: they match no layer, or
    /// set a stage that no layer which they match has.
    /// </summary>
    /// <param name="layers">The type and the name of each of the network's layers.</param>
    internal virtual IReadOnlyList<InputError> Unmatched(
        IReadOnlyCollection<(string Kind, string Name)> layers) => [];

    /// <summary>
    /// The override that is about a layer and not about the one it is fused into, if there is one.
    /// </summary>
    /// <param name="layer">Type and name of the layer that disappears.</param>
    /// <param name="into">Type and name of the layer that takes it in.</param>
    internal virtual InputError? LostByFusion(
        (string Kind, string Name) layer, (string Kind, string Name) into) => null;
}
