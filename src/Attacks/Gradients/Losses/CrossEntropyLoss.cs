namespace QSim.Attacks.Gradients.Losses;

/// <summary>
/// <c>log(sum of exp(z_j)) - z_label</c>, computed about the largest logit in double; its gradient
/// is <c>softmax(z) - onehot(label)</c>.
/// </summary>
internal sealed class CrossEntropyLoss : ILoss
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
        Span<double> shares = stackalloc double[logits.Length];
        for (int j = 0; j < logits.Length; j++)
            sum += shares[j] = Math.Exp(logits[j] - largest);
        for (int j = 0; j < logits.Length; j++) gradient[j] = (float)(shares[j] / sum);

        // At the label p - 1 cancels: minus the sum of the others keeps its small values exact.
        double others = 0;
        for (int j = 0; j < logits.Length; j++)
            if (j != label) others += shares[j];
        gradient[label] = (float)(-others / sum);
        return (float)(Math.Log(sum) + largest - logits[label]);
    }
}
