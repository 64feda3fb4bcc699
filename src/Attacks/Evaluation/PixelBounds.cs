using System.Numerics;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// The least and the largest value that each pixel of a run's images may take under an L-infinity
/// budget: worked out once, so that a step's projection is two comparisons. Gives what
/// <see cref="Budget.Constrain"/> gives.
/// </summary>
internal sealed class PixelBounds
{
    private readonly float[] _low;
    private readonly float[] _high;
    private readonly float[] _original;

    public PixelBounds(LabelledImages images, Budget budget)
    {
        _original = images.Pixels;
        (_low, _high) = (new float[_original.Length], new float[_original.Length]);
        Array.Fill(_high, 1);

        // What the budget makes of black and of white is as far as it lets any value go.
        budget.Constrain(_original, _low);
        budget.Constrain(_original, _high);
    }

    /// <summary>
    /// Moves pixels into their bounds; what is not a number becomes the original's.
    /// </summary>
    /// <param name="first">Index of the first of them among all images' pixels.</param>
    /// <param name="pixels">The pixels.</param>
    public void Constrain(int first, Span<float> pixels)
    {
        int i = 0;
        for (; i <= pixels.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(pixels[i..]);
            var inside = Vector.Min(
                Vector.Max(value, new Vector<float>(_low, first + i)),
                new Vector<float>(_high, first + i));
            Vector
                .ConditionalSelect(
                    Vector.Equals(value, value), inside, new Vector<float>(_original, first + i))
                .CopyTo(pixels[i..]);
        }

        for (; i < pixels.Length; i++)
            pixels[i] = float.IsNaN(pixels[i])
                ? _original[first + i]
                : Math.Min(Math.Max(pixels[i], _low[first + i]), _high[first + i]);
    }
}
