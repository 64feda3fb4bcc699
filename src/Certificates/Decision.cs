using QSim.Certificates.Bounds;
using QSim.Certificates.Functions;

namespace QSim.Certificates;

/// <summary>
/// The verdict's own rule, the one for equal logits included: the largest raw logit wins, the
/// lowest index among equals.
/// </summary>
internal static class Decision
{
    private const int MostSteps = 4096;

    /// <summary>Whether a class cannot win, whatever two logits are in their intervals.</summary>
    /// <param name="label">The logit of the label.</param>
    /// <param name="other">The logit of the other class.</param>
    /// <param name="otherIsFirst">Whether the other class has the lower index.</param>
    public static bool Loses(Interval label, Interval other, bool otherIsFirst) =>
        otherIsFirst ? other.High < label.Low : other.High <= label.Low;

    /// <summary>
    /// Whether a class cannot win, when both logits are the same rising function of arguments in
    /// known intervals whose difference is known, too: no value of the function is left that the
    /// other class could reach, or exceed, where the label does no better.
    /// </summary>
    /// <param name="function">The function.</param>
    /// <param name="label">The label's argument.</param>
    /// <param name="other">The other class's argument.</param>
    /// <param name="difference">The most by which the other's argument exceeds the label's.</param>
    /// <param name="otherIsFirst">Whether the other class has the lower index.</param>
    internal static bool Loses(
        ScalarFunction function, Interval label, Interval other, double difference,
        bool otherIsFirst)
    {
        IReadOnlyList<Interval>? steps = Steps.Of(function, label.Or(other), MostSteps);
        if (steps is null) return false;
        // A later class must have more: it reaches a step from below which the label stays.
        if (!otherIsFirst)
            return difference < 1 || function.Apply(other.High) <= function.Apply(label.Low);
        foreach (Interval step in steps)
        {
            Interval mine = new(label.Low, Math.Min(label.High, step.High)),
                theirs = new(Math.Max(other.Low, step.Low), other.High);
            bool isOpen = mine.Low <= mine.High && theirs.Low <= theirs.High
                && difference >= (double)theirs.Low - mine.High;
            if (isOpen) return false;
        }

        return true;
    }

    /// <summary>The classes that might win against the label.</summary>
    public static IEnumerable<int> Rivals(TensorBox logits, int label) =>
        Enumerable.Range(0, logits.Length)
            .Where(j => j != label && !Loses(logits[label], logits[j], j < label));
}
