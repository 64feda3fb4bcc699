using QSim.Kernels.Datapath;

namespace QSim.Runner.Data.Pixels;

/// <summary>
/// Channels of images at another size: along rows first, then along columns, each result rounded to
/// a byte where the pixels are bytes, as Pillow has it; else in double, to float32 after each.
/// </summary>
internal sealed class PlaneResizer
{
    /// <summary>Fraction bits of Pillow's weights for bytes.</summary>
    private const int Bits = 32 - 8 - 2;

    private readonly (int Rows, int Columns) _from, _to;
    private readonly AxisWeights _rows, _columns;
    private readonly bool _isBytes;

    /// <summary>For images of one size.</summary>
    /// <param name="how">Of weighting.</param>
    /// <param name="antialias">
    /// As Pillow; else the nearest two pixels only, and nothing is rounded to bytes.
    /// </param>
    /// <param name="from">Rows and columns now.</param>
    /// <param name="to">Rows and columns wanted.</param>
    /// <param name="isBytes">Whether pixels are 255ths.</param>
    public PlaneResizer(
        Interpolation how, bool antialias, (int Rows, int Columns) from, (int Rows, int Columns) to,
        bool isBytes)
    {
        (_from, _to) = (from, to);
        AxisWeights Of(int f, int t) => antialias || how == Interpolation.Nearest
            ? AxisWeights.Antialiased(how, f, t)
            : AxisWeights.Linear(f, t);
        (_rows, _columns) = (Of(from.Rows, to.Rows), Of(from.Columns, to.Columns));
        _isBytes = isBytes && antialias;
    }

    /// <summary>One channel; values stay in 0..1.</summary>
    public float[] Resize(ReadOnlySpan<float> plane)
    {
        float[] values = plane.ToArray();
        if (_isBytes)
            for (int i = 0; i < values.Length; i++) values[i] = MathF.Round(values[i] * 255);
        if (_to.Columns != _from.Columns)
            values = Along(_columns, values, _from.Rows, _from.Columns, 1, _from.Columns);
        if (_to.Rows != _from.Rows)
            values = Along(_rows, values, _to.Columns, 1, _to.Columns, _from.Rows);
        for (int i = 0; i < values.Length; i++)
            values[i] = Math.Clamp(_isBytes ? values[i] / 255f : values[i], 0, 1);
        return values;
    }

    /// <summary>Lines of values, along one axis.</summary>
    /// <param name="axis">Its weights.</param>
    /// <param name="values">Of the whole plane.</param>
    /// <param name="lines">How many lines.</param>
    /// <param name="line">From one line to the next.</param>
    /// <param name="step">From one value of a line to the next.</param>
    /// <param name="length">Values of a line.</param>
    private float[] Along(
        AxisWeights axis, float[] values, int lines, int line, int step, int length)
    {
        int count = axis.First.Length;
        var result = new float[Sizes.Elements(lines, count)];
        int outLine = step == 1 ? count : 1, outStep = step == 1 ? 1 : lines;
        long[][] integers = _isBytes ? [.. axis.Weights.Select(Fixed)] : [];
        for (int l = 0; l < lines; l++)
            for (int i = 0; i < count; i++)
            {
                int from = (l * line) + (axis.First[i] * step);
                result[(l * outLine) + (i * outStep)] = _isBytes
                    ? Byte(integers[i], values, from, step)
                    : Sum(axis.Weights[i], values, from, step);
            }

        return result;
    }

    private static float Sum(double[] weights, float[] values, int from, int step)
    {
        double sum = 0;
        for (int k = 0; k < weights.Length; k++) sum += values[from + (k * step)] * weights[k];
        return (float)sum;
    }

    private static float Byte(long[] weights, float[] values, int from, int step)
    {
        long sum = 1L << (Bits - 1);
        for (int k = 0; k < weights.Length; k++)
            sum += (long)values[from + (k * step)] * weights[k];
        return Math.Clamp(sum >> Bits, 0, byte.MaxValue);
    }

    private static long[] Fixed(double[] weights) =>
    [
        .. weights.Select(w => (long)((w < 0 ? -0.5 : 0.5) + (w * (1 << Bits)))),
    ];
}
