using System.Numerics;
using System.Numerics.Tensors;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// What is done to images pixel by pixel, many at a time: the scalar forms say what.
/// </summary>
internal static class PixelVectors
{
    private static int Width => Vector<float>.Count;

    /// <summary>The largest change of a pixel, in double.</summary>
    public static double LargestChange(ReadOnlySpan<float> original, ReadOnlySpan<float> changed)
    {
        Vector<double> largest = default;
        int i = 0;
        for (; i <= changed.Length - Width; i += Width)
        {
            Vector.Widen(new Vector<float>(original[i..]), out var from0, out var from1);
            Vector.Widen(new Vector<float>(changed[i..]), out var to0, out var to1);
            largest = Vector.Max(
                largest, Vector.Max(Vector.Abs(to0 - from0), Vector.Abs(to1 - from1)));
        }

        double all = 0;
        for (int lane = 0; lane < Vector<double>.Count; lane++) all = Math.Max(all, largest[lane]);
        for (; i < changed.Length; i++)
            all = Math.Max(all, Math.Abs((double)changed[i] - original[i]));
        return all;
    }

    /// <summary>Moves pixels, none of them NaN, within epsilon of the original.</summary>
    public static void Constrain(
        ReadOnlySpan<float> original, Span<float> changed, double epsilon)
    {
        int i = 0;
        for (; i <= changed.Length - Width; i += Width)
            Constrain(
                new Vector<float>(original[i..]), new Vector<float>(changed[i..]),
                new Vector<double>(epsilon)).CopyTo(changed[i..]);
        for (; i < changed.Length; i++)
            changed[i] = Constrain(original[i], changed[i], epsilon);
    }

    /// <summary>Gives pixels that are not a number the original's value.</summary>
    public static void ReplaceNaN(ReadOnlySpan<float> original, Span<float> pixels)
    {
        if (!TensorPrimitives.IsNaNAny<float>(pixels)) return;
        for (int i = 0; i < pixels.Length; i++)
            if (float.IsNaN(pixels[i])) pixels[i] = original[i];
    }

    /// <summary>Moves pixels, none of them NaN, into [0, 1].</summary>
    public static void Clip(Span<float> pixels)
    {
        int i = 0;
        for (; i <= pixels.Length - Width; i += Width)
            Clamp(new(pixels[i..]), Vector<float>.Zero, Vector<float>.One).CopyTo(pixels[i..]);
        for (; i < pixels.Length; i++) pixels[i] = Math.Clamp(pixels[i], 0, 1);
    }

    private static float Constrain(float original, float changed, double epsilon)
    {
        double from = original;
        float pixel = (float)Math.Clamp(changed, from - epsilon, from + epsilon);

        // Rounding to float may have stepped over the bound; one step back is then within it.
        if (pixel - from > epsilon) pixel = MathF.BitDecrement(pixel);
        else if (from - pixel > epsilon) pixel = MathF.BitIncrement(pixel);
        return pixel;
    }

    private static Vector<float> Constrain(
        Vector<float> original, Vector<float> changed, Vector<double> epsilon)
    {
        Vector.Widen(original, out Vector<double> from0, out Vector<double> from1);
        Vector.Widen(changed, out Vector<double> to0, out Vector<double> to1);
        Vector<float> pixel = Vector.Narrow(
            Clamp(to0, from0 - epsilon, from0 + epsilon),
            Clamp(to1, from1 - epsilon, from1 + epsilon));
        Vector.Widen(pixel, out to0, out to1);
        Vector<int> above = Vector.Narrow(
            Vector.GreaterThan(to0 - from0, epsilon), Vector.GreaterThan(to1 - from1, epsilon));
        Vector<int> below = Vector.Narrow(
            Vector.GreaterThan(from0 - to0, epsilon), Vector.GreaterThan(from1 - to1, epsilon));
        return Vector.ConditionalSelect(
            above, -Increment(-pixel), Vector.ConditionalSelect(below, Increment(pixel), pixel));
    }

    /// <summary><see cref="Math.Clamp(double, double, double)"/>, which keeps -0.</summary>
    private static Vector<T> Clamp<T>(Vector<T> value, Vector<T> min, Vector<T> max) =>
        Vector.ConditionalSelect(
            Vector.LessThan(value, min), min,
            Vector.ConditionalSelect(Vector.GreaterThan(value, max), max, value));

    /// <summary>
    /// <see cref="MathF.BitIncrement"/> of anything but -0, which never rounds below its bound.
    /// </summary>
    private static Vector<float> Increment(Vector<float> value)
    {
        var bits = Vector.AsVectorInt32(value);
        return Vector.AsVectorSingle(bits + ((bits >> 31) | Vector<int>.One));
    }
}
