using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// FAB towards the likeliest wrong class as its authors' code has it (Croce and Hein, ICML 2020,
/// algorithm 1), written down a second time: every step is a gradient, a move, and a look at
/// whether it crossed the boundary.
/// </summary>
internal static class PaperFab
{
    private const double Pull = 0.1, Overshoot = 1.05, Backward = 0.9;

    /// <summary>The smallest change found; infinite where none was.</summary>
    public static double Smallest(
        ManagedGradientModel model, int classes, Norm norm, float[] original, int label, int steps)
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
            double[] own = Project(norm, x, w, -lead[0]),
                back = Project(norm, original, w, atOriginal);
            double a = Math.Max(Size(norm, own), 1e-8), b = Math.Max(Size(norm, back), 1e-8);
            double share = Math.Min(a / (a + b), Pull);
            for (int i = 0; i < length; i++)
                x[i] = (float)Math.Clamp(
                    ((1 - share) * (x[i] + (Overshoot * own[i])))
                        + (share * (original[i] + (Overshoot * back[i]))), 0, 1);
            model.Logits(x, 1, logits);
            if (Array.IndexOf(logits, logits.Max()) == label) continue;
            smallest = Math.Min(
                smallest, Size(norm, x.Zip(original, (now, was) => (double)now - was)));
            for (int i = 0; i < length; i++)
                x[i] = original[i] + (float)(Backward * ((double)x[i] - original[i]));
        }

        return smallest;
    }

    private static double Size(Norm norm, IEnumerable<double> change) => norm switch
    {
        Norm.Linf => change.Max(Math.Abs),
        Norm.L2 => Math.Sqrt(change.Sum(d => d * d)),
        Norm.L1 => change.Sum(Math.Abs),
    };

    /// <summary>The smallest change that gains c along w, each pixel stopped at its wall.</summary>
    private static double[] Project(Norm norm, float[] point, float[] w, double c)
    {
        double[] walls =
        [
            .. w.Select((g, i) => g == 0 ? 0 : g * c > 0 ? 1.0 - point[i] : point[i]),
        ];
        double[] move = norm switch
        {
            Norm.Linf => Level(level => [.. walls.Select(wall => Math.Min(level, wall))], w, c, 1),
            Norm.L2 => Level(
                level => [.. walls.Select((wall, i) => Math.Min(level * Math.Abs(w[i]), wall))],
                w, c, 1 / w.Where(g => g != 0).Select(Math.Abs).DefaultIfEmpty(1).Min()),
            Norm.L1 => SteepestFirst(walls, w, Math.Abs(c)),
        };
        return [.. move.Select((d, i) => d * Math.Sign(w[i]) * Math.Sign(c))];
    }

    /// <summary>The least level at which all pixels together gain c, by bisection.</summary>
    private static double[] Level(
        Func<double, double[]> sizes, float[] w, double c, double most)
    {
        double low = 0, high = most;
        for (int round = 0; round < 100; round++)
        {
            double middle = (low + high) / 2;
            double gained = sizes(middle).Zip(w, (d, g) => d * Math.Abs((double)g)).Sum();
            if (gained < Math.Abs(c)) low = middle;
            else high = middle;
        }

        return sizes(high);
    }

    /// <summary>
    /// The pixels that gain most go to their walls, one after another, and the last as far as
    /// needed.
    /// </summary>
    private static double[] SteepestFirst(double[] walls, float[] w, double missing)
    {
        double[] sizes = new double[w.Length];
        foreach (int i in Enumerable.Range(0, w.Length).OrderByDescending(i => Math.Abs(w[i])))
        {
            if (missing <= 0 || w[i] == 0) break;
            sizes[i] = Math.Min(walls[i], missing / Math.Abs((double)w[i]));
            missing -= sizes[i] * Math.Abs((double)w[i]);
        }

        return sizes;
    }
}
