namespace QSim.Attacks.Gradients.Losses;

/// <summary>
/// <c>log(sum of exp(z_j)) - z_label</c>, computed about the largest logit in double; its gradient
/// is <c>softmax(z) - onehot(label)</c>.
/// </summary>
public sealed class CrossEntropyLoss : ILoss
{
    /// <summary>The only instance needed.</summary>
    public static CrossEntropyLoss Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "cross_entropy";

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        double largest = float.NegativeInfinity, sum = 0;
        foreach (float logit in logits) largest = Math.Max(largest, logit);
        foreach (float logit in logits) sum += Math.Exp(logit - largest);
        for (int j = 0; j < logits.Length; j++)
            gradient[j] = (float)(Math.Exp(logits[j] - largest) / sum);

        // At the label p - 1 cancels: minus the sum of the others keeps its small values exact.
        double others = 0;
        for (int j = 0; j < logits.Length; j++)
            if (j != label) others += Math.Exp(logits[j] - largest);
        gradient[label] = (float)(-others / sum);
        return (float)(Math.Log(sum) + largest - logits[label]);
    }
}
