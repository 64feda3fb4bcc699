namespace QSim.Runner.Data.Pixels;

/// <summary>
/// Along one axis: which old values make each new one, and how much of each. Effectively <c>new[i]
/// = sum over k of Weights[i][k] * old[First[i] + k]</c>.
/// </summary>
/// <param name="First">Of each new value, the first old one.</param>
/// <param name="Weights">Of each new value; they sum to 1.</param>
internal sealed record AxisWeights(int[] First, double[][] Weights)
{
    /// <summary>
    /// As Pillow resizes (Pillow 9.4, Resample.c): going down, the filter is as much wider as the
    /// image gets smaller, so that no pixel is passed over.
    /// </summary>
    public static AxisWeights Antialiased(Interpolation how, int from, int to)
    {
        if (how == Interpolation.Nearest) return Nearest(from, to);
        double scale = (double)from / to, filterScale = Math.Max(scale, 1);
        double support = Support(how) * filterScale, perStep = 1.0 / filterScale;
        int[] first = new int[to];
        double[][] weights = new double[to][];
        for (int i = 0; i < to; i++)
        {
            double center = (i + 0.5) * scale;
            int least = Math.Max((int)(center - support + 0.5), 0);
            int end = Math.Min((int)(center + support + 0.5), from);
            double[] own = new double[end - least];
            double sum = 0;
            for (int k = 0; k < own.Length; k++)
                sum += own[k] = Filter(how, (k + least - center + 0.5) * perStep);
            if (sum != 0)
                for (int k = 0; k < own.Length; k++) own[k] /= sum;
            (first[i], weights[i]) = (least, own);
        }

        return new(first, weights);
    }

    /// <summary>
    /// The two pixels next to the new one's centre, whatever lies between two centres: PyTorch's
    /// <c>interpolate(mode="bilinear", align_corners=False)</c> and Keras' <c>Resizing</c>.
    /// </summary>
    public static AxisWeights Linear(int from, int to)
    {
        double scale = (double)from / to;
        int[] first = new int[to];
        double[][] weights = new double[to][];
        for (int i = 0; i < to; i++)
        {
            double at = Math.Max(((i + 0.5) * scale) - 0.5, 0);
            first[i] = Math.Min((int)at, from - 1);
            double share = at - first[i];
            weights[i] = first[i] + 1 < from ? [1 - share, share] : [1];
        }

        return new(first, weights);
    }

    /// <summary>Adds up steps, as Pillow does: a product may round to the other side.</summary>
    private static AxisWeights Nearest(int from, int to)
    {
        double step = (double)from / to, at = step * 0.5;
        int[] first = new int[to];
        for (int i = 0; i < to; i++, at += step) first[i] = Math.Min((int)at, from - 1);
        return new(first, [.. first.Select(_ => new[] { 1.0 })]);
    }

    private static double Support(Interpolation how) => how switch
    {
        Interpolation.Box => 0.5,
        Interpolation.Bicubic => 2,
        Interpolation.Lanczos => 3,
        Interpolation.Bilinear or Interpolation.Hamming => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(how), how, null),
    };

    private static double Filter(Interpolation how, double x)
    {
        double size = Math.Abs(x);
        return how switch
        {
            Interpolation.Box => x is > -0.5 and <= 0.5 ? 1 : 0,
            Interpolation.Bilinear => size < 1 ? 1 - size : 0,
            Interpolation.Bicubic => Cubic(size),
            Interpolation.Hamming => size >= 1 ? 0 : Hamming(size * Math.PI),
            Interpolation.Lanczos => x is >= -3 and < 3 ? Cardinal(x) * Cardinal(x / 3) : 0,
            _ => throw new ArgumentOutOfRangeException(nameof(how), how, null),
        };
    }

    private static double Cubic(double x)
    {
        const double A = -0.5;
        return x < 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }

    private static double Hamming(double x) =>
        x == 0 ? 1 : Math.Sin(x) / x * (0.54f + (0.46f * Math.Cos(x)));

    private static double Cardinal(double x) =>
        x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
