namespace QSim.Kernels.Datapath;

/// <summary>
/// What a switch over layers ends in: a type that its author forgot there is named, where a default
/// would have given it another layer's answer.
/// </summary>
internal static class UnknownLayer
{
    /// <summary>The failure to throw.</summary>
    /// <param name="layer">A layer that no arm takes.</param>
    /// <param name="lacking">What it has none of, as in <c>no circuit</c>.</param>
    public static NotSupportedException Of(ProgramLayer layer, string lacking) =>
        new($"layer '{layer.Name}': {layer.GetType().Name} has {lacking}");
}
