using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// FAB towards the likeliest wrong class under L-infinity as its authors' code has it (Croce and
/// Hein, ICML 2020, algorithm 1), written down a second time: every step is a gradient, a move, and
/// a look at whether it crossed the boundary.
/// </summary>
internal static class PaperFab
{
    private const double Pull = 0.1, Overshoot = 1.05, Backward = 0.9;

    /// <summary>The smallest change found; infinite where none was.</summary>
    public static double Smallest(
        ManagedGradientModel model, int classes, float[] original, int label, int steps)
    {
        int length = original.Length;
        var loss = new LogitDifferenceLoss(classes);
        float[] x = [.. original], w = new float[length], lead = new float[1],
            logits = new float[classes];
        model.Logits(x, 1, logits);
        int target = Enumerable.Range(0, classes).Where(c => c != label).MaxBy(c => logits[c]);
        double smallest = double.PositiveInfinity;
        for (int step = 0; step < steps; step++)
        {
            model.Gradients(x, [loss.Label(label, target)], loss, w, lead, logits);
            double atOriginal = -lead[0];
            for (int i = 0; i < length; i++) atOriginal += w[i] * ((double)x[i] - original[i]);
            double[] own = Project(x, w, -lead[0]), back = Project(original, w, atOriginal);
            double a = Math.Max(own.Max(Math.Abs), 1e-8), b = Math.Max(back.Max(Math.Abs), 1e-8);
            double share = Math.Min(a / (a + b), Pull);
            for (int i = 0; i < length; i++)
                x[i] = (float)Math.Clamp(
                    ((1 - share) * (x[i] + (Overshoot * own[i])))
                        + (share * (original[i] + (Overshoot * back[i]))), 0, 1);
            model.Logits(x, 1, logits);
            if (Array.IndexOf(logits, logits.Max()) == label) continue;
            double change = 0;
            for (int i = 0; i < length; i++)
                change = Math.Max(change, Math.Abs(x[i] - original[i]));
            smallest = Math.Min(smallest, change);
            for (int i = 0; i < length; i++)
                x[i] = original[i] + (float)(Backward * ((double)x[i] - original[i]));
        }

        return smallest;
    }

    /// <summary>
    /// The least level at which all pixels together gain c along w, each stopped at its wall, by
    /// bisection.
    /// </summary>
    private static double[] Project(float[] point, float[] w, double c)
    {
        double[] Move(double level) =>
        [
            .. w.Select((g, i) => Math.Sign(g) * Math.Sign(c)
                * Math.Min(level, g * c > 0 ? 1.0 - point[i] : point[i])),
        ];
        double low = 0, high = 1;
        for (int round = 0; round < 60; round++)
        {
            double middle = (low + high) / 2;
            double gained = Math.Abs(Move(middle).Zip(w, (d, g) => d * g).Sum());
            if (gained < Math.Abs(c)) low = middle;
            else high = middle;
        }

        return Move(high);
    }
}
