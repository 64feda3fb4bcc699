namespace QSim.Certificates.Checking;

/// <summary>What the function of a layer is over an interval, and whether lines bound it.</summary>
internal static class CheckedLines
{
    /// <summary>So many arguments are looked at one by one where nothing else helps.</summary>
    private const long MostSingle = 1 << 12;

    /// <summary>The least and the largest value.</summary>
    public static (long Low, long High) Range(
        CheckedLayer layer, int output, (long Low, long High) x)
    {
        if (Pieces(layer, output, x) is not { } pieces) return layer.Whole(output);
        (long low, long high) = (long.MaxValue, long.MinValue);
        foreach ((long from, long to) in pieces)
        {
            long a = layer.Apply(output, from), b = layer.Apply(output, to);
            (low, high) = (Math.Min(low, Math.Min(a, b)), Math.Max(high, Math.Max(a, b)));
        }

        return (low, high);
    }

    /// <summary>
    /// Sees to it that a lower and an upper line bound a function: at both ends of every step.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="output">Which of its outputs.</param>
    /// <param name="line">Slope and offset of the lower line, then of the upper.</param>
    /// <param name="x">The arguments.</param>
    public static void Check(
        CheckedLayer layer, int output, ReadOnlySpan<long> line, (long Low, long High) x)
    {
        if (Pieces(layer, output, x) is { } pieces)
        {
            foreach ((long from, long to) in pieces) CheckPiece(layer, output, line, (from, to));
            return;
        }

        (long low, long high) = layer.Whole(output);
        if (line[0] != 0 || line[2] != 0
            || line[1] > (Int128)low << 16 || line[3] < (Int128)high << 16)
            throw new CheckException(
                $"layer '{layer.Layer.Name}': no line bounds what wraps");
    }

    /// <summary>Stretches that keep an order, or single arguments, which always do.</summary>
    private static IReadOnlyList<(long Low, long High)>? Pieces(
        CheckedLayer layer, int output, (long Low, long High) x) =>
        layer.Pieces(output, x.Low, x.High)
        ?? (x.High - x.Low is >= 0 and < MostSingle
            ? [.. Enumerable.Range(0, (int)(x.High - x.Low + 1)).Select(
                i => (x.Low + i, x.Low + i))]
            : null);

    private static void CheckPiece(
        CheckedLayer layer, int output, ReadOnlySpan<long> line, (long Low, long High) x)
    {
        long last = layer.Apply(output, x.High);
        for (long at = x.Low, value = layer.Apply(output, at); ;)
        {
            long end = x.High;
            if (value != last)
            {
                long other = x.High;
                for (end = at; other - end > 1;)
                {
                    long middle = end + ((other - end) / 2);
                    if (layer.Apply(output, middle) == value) end = middle;
                    else other = middle;
                }
            }

            if (!Bounds(line, at, value) || !Bounds(line, end, value))
                throw new CheckException(
                    $"layer '{layer.Layer.Name}', output {output}: a line does not bound it");
            if (value == last) return;
            at = end + 1;
            value = layer.Apply(output, at);
        }
    }

    private static bool Bounds(ReadOnlySpan<long> line, long x, long y)
    {
        Int128 value = (Int128)y << 30;
        return ((Int128)line[0] * x) + ((Int128)line[1] << 14) <= value
            && ((Int128)line[2] * x) + ((Int128)line[3] << 14) >= value;
    }
}
