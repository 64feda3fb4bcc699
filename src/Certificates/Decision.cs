using QSim.Certificates.Bounds;

namespace QSim.Certificates;

/// <summary>
/// The verdict's own rule, the one for equal logits included: the largest raw logit wins, the
/// lowest index among equals.
/// </summary>
public static class Decision
{
    /// <summary>Whether a class cannot win, whatever two logits are in their intervals.</summary>
    /// <param name="label">The logit of the label.</param>
    /// <param name="other">The logit of the other class.</param>
    /// <param name="otherIsFirst">Whether the other class has the lower index.</param>
    public static bool Loses(Interval label, Interval other, bool otherIsFirst) =>
        otherIsFirst ? other.High < label.Low : other.High <= label.Low;

    /// <summary>The classes that might win against the label.</summary>
    public static IEnumerable<int> Rivals(TensorBox logits, int label) =>
        Enumerable.Range(0, logits.Length)
            .Where(j => j != label && !Loses(logits[label], logits[j], j < label));
}
