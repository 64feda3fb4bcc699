using QSim.Certificates.Bounds;

namespace QSim.Certificates.Linear;

/// <summary>
/// Lines around the largest of several values: from below the one that is largest at its least;
/// from above <c>sum of slopes * values + offset</c> (the slopes of CNN-Cert, Boopathy et al.,
/// 2019).
/// </summary>
/// <param name="Largest">Place of the value from below.</param>
/// <param name="Slopes">Of each value, 0..1.</param>
/// <param name="Offset">Rounded up.</param>
/// <param name="Magnitude">Absolute terms of either line over the box.</param>
internal readonly record struct MaxLines(
    int Largest, double[] Slopes, double Offset, double Magnitude)
{
    /// <summary>Lines of the values at some places of a box.</summary>
    public static MaxLines Of(TensorBox box, int[] places)
    {
        int largest = places.MaxBy(p => box.Low[p]);
        double size = places.Max(p =>
            Math.Max(Math.Abs((double)box.Low[p]), Math.Abs((double)box.High[p])));
        var slopes = new double[places.Length];
        if (places.All(p => p == largest || box.High[p] <= box.Low[largest]))
        {
            slopes[Array.IndexOf(places, largest)] = 1;
            return new(largest, slopes, 0, 2 * size);
        }

        double level = Level(box, places);
        for (int i = 0; i < places.Length; i++)
        {
            (double low, double high) = (box.Low[places[i]], box.High[places[i]]);
            slopes[i] = high > level && high > low
                ? Math.Clamp((high - level) / (high - low), 0, 1)
                : 0;
        }

        double offset = OffsetOf(box, places, slopes);
        double terms = (slopes.Sum() + 1) * size;
        return new(largest, slopes, offset, 2 * (terms + Math.Abs(offset)));
    }

    private static double Level(TensorBox box, int[] places)
    {
        double most = places.Max(p => (double)box.Low[p]);
        double least = places.Min(p => (double)Math.Max(box.High[p], (long)most));
        double above = -1, below = 0;
        foreach (int p in places)
        {
            double width = (double)box.High[p] - box.Low[p];
            if (width == 0 || box.High[p] <= most) continue;
            above += box.High[p] / width;
            below += 1 / width;
        }

        return below == 0 ? most : Math.Clamp(above / below, most, Math.Max(least, most));
    }

    /// <summary>
    /// The most by which any value exceeds the sum, with every other at its least: values are
    /// independent in the box, slopes are between 0 and 1.
    /// </summary>
    private static double OffsetOf(TensorBox box, int[] places, double[] slopes)
    {
        double sum = 0, absolute = 0;
        for (int i = 0; i < places.Length; i++)
        {
            sum += slopes[i] * box.Low[places[i]];
            absolute += Math.Abs(slopes[i] * box.Low[places[i]]);
        }

        double offset = double.NegativeInfinity;
        for (int i = 0; i < places.Length; i++)
        {
            double own = (1 - slopes[i]) * box.High[places[i]],
                others = sum - (slopes[i] * box.Low[places[i]]);
            double slack = (absolute + Math.Abs((double)box.High[places[i]])
                + Math.Abs((double)box.Low[places[i]])) * Math.ScaleB(places.Length + 8, -52);
            offset = Math.Max(offset, own - others + slack);
        }

        return offset;
    }
}
