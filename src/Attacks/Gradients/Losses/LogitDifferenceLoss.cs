namespace QSim.Attacks.Gradients.Losses;

/// <summary><c>z_target - z_own</c>: one row of the Jacobian less another.</summary>
/// <param name="classes">Number of classes.</param>
internal sealed class LogitDifferenceLoss(int classes) : ILoss
{
    /// <inheritdoc/>
    public string Name => "logit_difference";

    /// <summary>
    /// The label to pass for an image of class <paramref name="own"/> and a target.
    /// </summary>
    public int Label(int own, int target) => (target * classes) + own;

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        (int target, int own) = Math.DivRem(label, classes);
        gradient.Clear();
        gradient[target] += 1;
        gradient[own] -= 1;
        return logits[target] - logits[own];
    }
}

/// <summary>
/// Carlini and Wagner's: <c>-max(z_y - max over i != y of z_i + confidence, 0)</c>, which an attack
/// climbs to 0.
/// </summary>
/// <param name="confidence">How far the wrong logit has to be ahead.</param>
internal sealed class HingeLoss(float confidence = 0) : ILoss
{
    /// <inheritdoc/>
    public string Name => "hinge";

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        int rival = label == 0 ? 1 : 0;
        for (int j = 0; j < logits.Length; j++)
            if (j != label && logits[j] > logits[rival]) rival = j;
        gradient.Clear();
        float lead = logits[label] - logits[rival] + confidence;
        if (lead <= 0) return 0;
        gradient[label] = -1;
        gradient[rival] = 1;
        return -lead;
    }
}
