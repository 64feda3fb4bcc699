namespace QSim.Attacks.Gradients.Losses;

/// <summary>
/// Cross-entropy of logits divided by the gap between the two largest, where that gap is above 1.
/// Its sign of gradient does not vanish when logits are large, as those of quantized networks often
/// are (the remedy of Gupta and Ajanthan, AAAI 2022, per image). The divisor counts as a constant.
/// </summary>
internal sealed class RescaledCrossEntropyLoss : ILoss
{
    /// <summary>The only instance needed.</summary>
    public static RescaledCrossEntropyLoss Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "rescaled_cross_entropy";

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        float first = float.NegativeInfinity, second = float.NegativeInfinity;
        foreach (float logit in logits)
        {
            if (logit > first) (first, second) = (logit, first);
            else if (logit > second) second = logit;
        }

        float divisor = Math.Max(1, first - second);
        Span<float> scaled = stackalloc float[logits.Length];
        for (int i = 0; i < scaled.Length; i++) scaled[i] = logits[i] / divisor;
        return CrossEntropyLoss.Instance.Evaluate(scaled, label, gradient);
    }
}
