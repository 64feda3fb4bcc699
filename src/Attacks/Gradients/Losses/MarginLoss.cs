namespace QSim.Attacks.Gradients.Losses;

/// <summary>
/// <c>max over i != y of z_i - z_y</c>: how far the best wrong logit is above the true one. Its
/// gradient does not depend on the size of the logits, and is never zero at the logits.
/// </summary>
internal sealed class MarginLoss : ILoss
{
    /// <summary>The only instance needed.</summary>
    public static MarginLoss Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "margin";

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        int rival = label == 0 ? 1 : 0;
        for (int j = 0; j < logits.Length; j++)
            if (j != label && logits[j] > logits[rival]) rival = j;
        gradient.Clear();
        gradient[label] = -1;
        gradient[rival] = 1;
        return logits[rival] - logits[label];
    }
}
