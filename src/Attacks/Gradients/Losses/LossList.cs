namespace QSim.Attacks.Gradients.Losses;

/// <summary>The losses of an image and its class that attacks may climb, by name.</summary>
internal static class LossList
{
    private static readonly Dictionary<string, ILoss> Known = new()
    {
        ["ce"] = CrossEntropyLoss.Instance,
        ["scaled"] = RescaledCrossEntropyLoss.Instance,
        ["dlr"] = DlrLoss.Instance,
        ["margin"] = MarginLoss.Instance,
    };

    /// <summary>
    /// <c>ce</c>: cross-entropy. <c>scaled</c>: cross-entropy of logits over the gap of the two
    /// largest. <c>dlr</c>: the difference of logits ratio. <c>margin</c>: the largest wrong logit
    /// less the true one.
    /// </summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>A loss by name.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public static ILoss Find(string name) => Known[name];
}
