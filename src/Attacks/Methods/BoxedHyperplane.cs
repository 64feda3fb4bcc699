using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>
/// The shortest change d of a point p, under a norm, with <c>w . d = c</c> and p + d in [0, 1]:
/// each pixel moves the way that helps, until it hits its wall (Croce and Hein, ICML 2020, FAB,
/// section 3).
/// </summary>
internal static class BoxedHyperplane
{
    /// <summary>Fills in the change; where the box is too small, all that it allows.</summary>
    public static void Project(
        Norm norm, ReadOnlySpan<float> point, ReadOnlySpan<float> w, double c, Span<double> change)
    {
        int length = point.Length;
        double[] room = new double[length], sizes = new double[length], keys = new double[length];
        int[] order = new int[length];
        for (int i = 0; i < length; i++)
        {
            (order[i], sizes[i]) = (i, Math.Abs(w[i]));
            room[i] = Direction(w[i], c) switch { > 0 => 1.0 - point[i], < 0 => point[i], _ => 0 };
            keys[i] = norm switch
            {
                Norm.Linf => room[i],
                Norm.L2 => sizes[i] > 0 ? room[i] / sizes[i] : double.PositiveInfinity,
                Norm.L1 => -sizes[i],
            };
        }

        Array.Sort(keys, order);
        if (norm == Norm.L1) Greedy(order, room, sizes, Math.Abs(c));
        else Level(norm, order, room, sizes, Math.Abs(c));
        for (int i = 0; i < length; i++) change[i] = Direction(w[i], c) * room[i];
    }

    private static int Direction(float w, double c) => Ascent.Sign(w) * Ascent.Sign(c);

    /// <summary>
    /// Linf: every pixel moves by t or its room; L2: by t |w| or its room; t such that the products
    /// sum to c. Turns rooms into moves.
    /// </summary>
    private static void Level(Norm norm, int[] order, double[] room, double[] sizes, double c)
    {
        double free = 0;
        for (int i = 0; i < sizes.Length; i++)
            free += norm == Norm.Linf ? sizes[i] : sizes[i] * sizes[i];
        double spent = 0,
            level = double.PositiveInfinity;
        foreach (int i in order)
        {
            double weight = norm == Norm.Linf ? sizes[i] : sizes[i] * sizes[i];
            if (weight == 0) continue;
            double wall = norm == Norm.Linf ? room[i] : room[i] / sizes[i];
            if (spent + (wall * free) >= c)
            {
                level = free > 0 ? (c - spent) / free : 0;
                break;
            }

            spent += sizes[i] * room[i];
            free -= weight;
        }

        for (int i = 0; i < room.Length; i++)
            room[i] =
                sizes[i] == 0 ? 0 : Math.Min(room[i], norm == Norm.Linf ? level : level * sizes[i]);
    }

    /// <summary>L1: the pixels that count most move as far as they can.</summary>
    private static void Greedy(int[] order, double[] room, double[] sizes, double c)
    {
        foreach (int i in order)
        {
            double move = sizes[i] > 0 ? Math.Min(room[i], c / sizes[i]) : 0;
            room[i] = Math.Max(move, 0);
            c -= move * sizes[i];
        }
    }
}
