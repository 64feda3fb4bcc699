using QSim.Attacks.Methods;

namespace QSim.Attacks.Evaluation;

/// <summary>Nearest points of balls about 0, in Euclidean distance.</summary>
internal static class Projection
{
    /// <summary><c>v * min(1, radius / |v|)</c>.</summary>
    public static void ToL2Ball(Span<double> vector, double radius)
    {
        double sum = 0;
        foreach (double value in vector) sum += value * value;
        double norm = Math.Sqrt(sum);
        if (norm <= radius) return;
        foreach (ref double value in vector) value *= radius / norm;
    }

    /// <summary>
    /// <c>sign(v) * max(|v| - t, 0)</c>, with t such that the absolute values sum to the radius
    /// (Duchi, Shalev-Shwartz, Singer and Chandra, ICML 2008).
    /// </summary>
    public static void ToL1Ball(Span<double> vector, double radius)
    {
        double[] sizes = new double[vector.Length];
        double sum = 0;
        for (int i = 0; i < sizes.Length; i++) sum += sizes[i] = Math.Abs(vector[i]);
        if (sum <= radius) return;
        Array.Sort(sizes);
        double kept = 0, threshold = 0;
        for (int i = sizes.Length - 1, count = 1; i >= 0; i--, count++)
        {
            kept += sizes[i];
            double candidate = (kept - radius) / count;
            if (candidate >= sizes[i]) break;
            threshold = candidate;
        }

        foreach (ref double value in vector)
            value = Ascent.Sign(value) * Math.Max(Math.Abs(value) - threshold, 0);
    }

    /// <summary>
    /// The nearest point of the L1 ball that also leaves <c>centre + v</c> in [0, 1]:
    /// <c>sign(v) * clamp(|v| - t, 0, room)</c>, room the way from the centre to the wall that v
    /// points to and t the least at least 0 for which the absolute values sum to no more than the
    /// radius (Croce and Hein, "Mind the box", ICML 2021, section 3.1). Their sum falls linearly
    /// between the values of t at which a pixel leaves its wall or comes to 0, which are sorted.
    /// </summary>
    /// <param name="centre">Pixels in [0, 1].</param>
    /// <param name="vector">The change, replaced.</param>
    /// <param name="radius">At least 0.</param>
    public static void ToBoxedL1Ball(
        ReadOnlySpan<float> centre, Span<double> vector, double radius)
    {
        int length = vector.Length, turns = 0;
        double[] room = new double[length], at = new double[2 * length];
        int[] change = new int[2 * length];
        double sum = 0;
        for (int i = 0; i < length; i++)
        {
            double size = Math.Abs(vector[i]);
            room[i] = vector[i] > 0 ? 1.0 - centre[i] : centre[i];
            sum += Math.Min(size, room[i]);
            if (size == 0 || room[i] == 0) continue;
            (at[turns], change[turns++]) = (Math.Max(size - room[i], 0), 1);
            (at[turns], change[turns++]) = (size, -1);
        }

        double threshold = sum <= radius
            ? 0
            : Threshold(at.AsSpan(0, turns), change.AsSpan(0, turns), sum - radius);
        for (int i = 0; i < length; i++)
            vector[i] = Ascent.Sign(vector[i])
                * Math.Clamp(Math.Abs(vector[i]) - threshold, 0, room[i]);
    }

    /// <summary>Where pixels that fall from one turn to another have lost so much.</summary>
    private static double Threshold(Span<double> at, Span<int> change, double excess)
    {
        at.Sort(change);
        double lost = 0, last = 0;
        int falling = 0;
        for (int turn = 0; turn < at.Length; turn++)
        {
            double next = lost + (falling * (at[turn] - last));
            if (next >= excess) break;
            (lost, last) = (next, at[turn]);
            falling += change[turn];
        }

        return falling > 0 ? last + ((excess - lost) / falling) : last;
    }
}
