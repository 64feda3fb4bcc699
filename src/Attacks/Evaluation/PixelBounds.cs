using System.Numerics;
using System.Runtime.InteropServices;

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

    /// <param name="originals">Images one after another.</param>
    /// <param name="length">Pixels of one.</param>
    /// <param name="budget">Whose norm is L-infinity.</param>
    public PixelBounds(float[] originals, int length, Budget budget)
    {
        _original = originals;
        _low = GC.AllocateUninitializedArray<float>(_original.Length);
        _high = GC.AllocateUninitializedArray<float>(_original.Length);

        // What the budget makes of black and of white is as far as it lets any value go.
        Batches.ForEach(originals.Length / length, slot =>
        {
            int first = slot * length;
            ReadOnlySpan<float> original = _original.AsSpan(first, length);
            Span<float> low = _low.AsSpan(first, length), high = _high.AsSpan(first, length);
            low.Clear();
            high.Fill(1);
            budget.Constrain(original, low);
            budget.Constrain(original, high);
        });
    }

    /// <summary>The least value of each pixel.</summary>
    public float[] Low => _low;

    /// <summary>The largest value of each pixel.</summary>
    public float[] High => _high;

    /// <summary>
    /// Moves pixels into their bounds; what is not a number becomes the original's.
    /// </summary>
    /// <param name="first">Index of the first of them among all images' pixels.</param>
    /// <param name="pixels">The pixels.</param>
    public void Constrain(int first, Span<float> pixels)
    {
        Span<Vector<float>> values = MemoryMarshal.Cast<float, Vector<float>>(pixels);
        ReadOnlySpan<Vector<float>> low = Vectors(_low, first, values.Length),
            high = Vectors(_high, first, values.Length);
        for (int v = 0; v < values.Length; v++)
        {
            Vector<float> value = values[v];
            if (Vector.EqualsAll(value, value))
                values[v] = Vector.MinNative(Vector.MaxNative(value, low[v]), high[v]);
            else
                ConstrainEach(first, pixels, v * Vector<float>.Count, Vector<float>.Count);
        }

        int rest = pixels.Length % Vector<float>.Count;
        ConstrainEach(first, pixels, pixels.Length - rest, rest);
    }

    private void ConstrainEach(int first, Span<float> pixels, int from, int count)
    {
        for (int i = from; i < from + count; i++)
            pixels[i] = float.IsNaN(pixels[i])
                ? _original[first + i]
                : Math.Min(Math.Max(pixels[i], _low[first + i]), _high[first + i]);
    }

    private static ReadOnlySpan<Vector<float>> Vectors(float[] pixels, int first, int count) =>
        MemoryMarshal.Cast<float, Vector<float>>(
            pixels.AsSpan(first, count * Vector<float>.Count));
}
