using QSim.Attacks.Gradients;

namespace QSim.Attacks.Methods.Overflow;

/// <summary>
/// <c>sum of min(|p|, cap)^4</c> over the pressures p of a layer's accumulators. The fourth power
/// favours those that are already near the edge; past the cap there is nothing to gain.
/// </summary>
/// <param name="cap">
/// A little more than 1, so that an overflow survives the difference between float and raw.
/// </param>
internal sealed class PressureLoss(float cap = 1.25f) : ILoss
{
    /// <inheritdoc/>
    public string Name => "accumulator_pressure";

    /// <inheritdoc/>
    public float Evaluate(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        double sum = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            float p = Math.Clamp(logits[i], -cap, cap);
            sum += (double)p * p * p * p;
            gradient[i] = Math.Abs(logits[i]) < cap ? 4 * p * p * p : 0;
        }

        return (float)sum;
    }
}
