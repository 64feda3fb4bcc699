using System.Numerics;
using System.Runtime.InteropServices;
using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// One step of given length up a gradient, in the steepest direction under a norm.
/// </summary>
internal static class Ascent
{
    /// <summary>
    /// Share of pixels that an L1 step moves: the 99th percentile of Tramer and Boneh's sparse
    /// descent (NeurIPS 2019).
    /// </summary>
    private const double L1Share = 0.01;

    /// <summary>
    /// Linf: <c>x += step * sign(g)</c>. L2: <c>x += step * g / |g|</c>. L1: the largest hundredth
    /// of the gradients, <c>x += step * sign(g) / their number</c>. A zero gradient moves nothing.
    /// </summary>
    public static void Step(Norm norm, ReadOnlySpan<float> gradient, double step, Span<float> image)
    {
        switch (norm)
        {
            case Norm.Linf:
                SignStep(gradient, (float)step, image);
                break;
            case Norm.L2:
                double sum = 0;
                foreach (float g in gradient) sum += (double)g * g;
                if (sum == 0) return;
                double scale = step / Math.Sqrt(sum);
                for (int i = 0; i < image.Length; i++) image[i] += (float)(scale * gradient[i]);
                break;
            case Norm.L1:
                SparseStep(gradient, step, image);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(norm), norm, null);
        }
    }

    /// <summary>-1, 0 or 1; 0 for what is not a number.</summary>
    public static int Sign(double value) => value > 0 ? 1 : value < 0 ? -1 : 0;

    private static void SignStep(ReadOnlySpan<float> gradient, float step, Span<float> image)
    {
        Vector<float> up = new(step), down = new(-step);
        Span<Vector<float>> values = MemoryMarshal.Cast<float, Vector<float>>(image);
        ReadOnlySpan<Vector<float>> slopes =
            MemoryMarshal.Cast<float, Vector<float>>(gradient)[..values.Length];
        for (int v = 0; v < values.Length; v++)
        {
            Vector<float> slope = slopes[v];
            values[v] += Vector.ConditionalSelect(
                Vector.GreaterThan(slope, default), up,
                Vector.ConditionalSelect(Vector.LessThan(slope, default), down, default));
        }

        for (int i = values.Length * Vector<float>.Count; i < image.Length; i++)
            image[i] += step * Sign(gradient[i]);
    }

    private static void SparseStep(ReadOnlySpan<float> gradient, double step, Span<float> image)
    {
        // Pixels that are already at the end of [0, 1] that the gradient points to cannot move.
        float[] sizes = new float[image.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            bool stuck = gradient[i] > 0 ? image[i] >= 1 : image[i] <= 0;
            sizes[i] = stuck ? 0 : Math.Abs(gradient[i]);
        }

        int wanted = Math.Max(1, (int)(L1Share * sizes.Length));
        float[] sorted = [.. sizes];
        Array.Sort(sorted);
        float threshold = sorted[^wanted];
        if (!(sorted[^1] > 0)) return;
        int moved = sizes.Count(s => s > 0 && s >= threshold);
        for (int i = 0; i < sizes.Length; i++)
            if (sizes[i] > 0 && sizes[i] >= threshold)
                image[i] += (float)(step / moved) * Sign(gradient[i]);
    }
}
