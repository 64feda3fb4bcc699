namespace QSim.Attacks.Evaluation;

/// <summary>
/// The one rule for equal logits, which integers often are: the lowest index wins, as in a hardware
/// argmax. Attacks and verdicts use the same.
/// </summary>
internal static class TieRule
{
    /// <summary>Index of the largest value, the lowest among equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }
}
