namespace QSim.Attacks.Evaluation;

/// <summary>Nearest points of balls about 0, in Euclidean distance.</summary>
public static class Projection
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
            value = Math.Sign(value) * Math.Max(Math.Abs(value) - threshold, 0);
    }
}
