namespace QSim.Attacks.Gradients.Losses;

/// <summary>
/// The difference of logits ratio of Croce and Hein (ICML 2020):
/// <c>-(z_y - max over i != y of z_i) / (z_1st - z_3rd + 1e-12)</c>. It does not change when logits
/// are scaled or shifted. With two classes the third is the second.
/// </summary>
internal sealed class DlrLoss : ILoss
{
    /// <summary>The only instance needed.</summary>
    public static DlrLoss Instance { get; } = new();

    /// <summary>With fewer classes the ratio is 1 or -1 whatever the image.</summary>
    public const int LeastClasses = 3;

    /// <inheritdoc/>
    public string Name => "dlr";

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        Span<int> order = stackalloc int[4];
        LogitOrder.Largest(logits, order);
        int rival = order[0] == label ? order[1] : order[0];
        double spread = (double)logits[order[0]] - logits[order[2]] + LogitOrder.Guard;
        double loss = -((double)logits[label] - logits[rival]) / spread;
        gradient.Clear();
        gradient[label] -= (float)(1 / spread);
        gradient[rival] += (float)(1 / spread);
        gradient[order[0]] -= (float)(loss / spread);
        gradient[order[2]] += (float)(loss / spread);
        return (float)loss;
    }
}

/// <summary>
/// Its targeted form: <c>-(z_y - z_t) / (z_1st - (z_3rd + z_4th) / 2 + 1e-12)</c>. True class and
/// target travel in one number, see <see cref="Label"/>.
/// </summary>
/// <param name="classes">Number of classes.</param>
internal sealed class TargetedDlrLoss(int classes) : ILoss
{
    /// <summary>With three classes the fourth logit is the third.</summary>
    public const int LeastClasses = 4;

    /// <inheritdoc/>
    public string Name => "dlr_targeted";

    /// <summary>
    /// The label to pass for an image of class <paramref name="label"/> driven to a target.
    /// </summary>
    public int Label(int label, int target) => (target * classes) + label;

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        Span<int> order = stackalloc int[4];
        LogitOrder.Largest(logits, order);
        (int target, int own) = Math.DivRem(label, classes);
        double spread =
            logits[order[0]]
            - (0.5 * ((double)logits[order[2]] + logits[order[3]]))
            + LogitOrder.Guard;
        double loss = -((double)logits[own] - logits[target]) / spread;
        gradient.Clear();
        gradient[own] -= (float)(1 / spread);
        gradient[target] += (float)(1 / spread);
        gradient[order[0]] -= (float)(loss / spread);
        gradient[order[2]] += (float)(0.5 * loss / spread);
        gradient[order[3]] += (float)(0.5 * loss / spread);
        return (float)loss;
    }
}

/// <summary>The largest logits by rank.</summary>
internal static class LogitOrder
{
    /// <summary>Keeps the ratio's divisor off zero.</summary>
    public const double Guard = 1e-12;

    /// <summary>
    /// Fills in the classes of the largest logits, largest first; the last one again where there
    /// are too few.
    /// </summary>
    public static void Largest(ReadOnlySpan<float> logits, Span<int> order)
    {
        int known = 0;
        for (int j = 0; j < logits.Length; j++)
        {
            int at = known;
            while (at > 0 && logits[j] > logits[order[at - 1]]) at--;
            if (at == order.Length) continue;
            for (int k = Math.Min(known, order.Length - 1); k > at; k--) order[k] = order[k - 1];
            order[at] = j;
            known = Math.Min(known + 1, order.Length);
        }

        for (int k = known; k < order.Length; k++) order[k] = order[known - 1];
    }
}
