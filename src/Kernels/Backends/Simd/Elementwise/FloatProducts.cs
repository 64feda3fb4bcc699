using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Elementwise;

/// <summary>
/// Sums of rounded products in the processor's own float32, NaN where some step was not sure.
/// </summary>
internal static class FloatProducts
{
    /// <summary>Four products at a time, then two, then one.</summary>
    /// <param name="first">Numbers.</param>
    /// <param name="second">Others.</param>
    /// <param name="place">Where the others begin.</param>
    /// <param name="step">How far they stand apart.</param>
    /// <param name="start">The sum so far.</param>
    public static float InFours(
        ReadOnlySpan<float> first, ReadOnlySpan<float> second, int place, int step, float start)
    {
        float all = start;
        for (int i = 0; i < first.Length;)
        {
            int left = first.Length - i;
            int end = i + (left >= FloatProductSum.AtOnce ? FloatProductSum.AtOnce
                : left >= 2 ? 2
                : 1);
            float sum = Product(first[i], second[place + (i * step)]);
            for (i++; i < end; i++)
                sum = Plus(sum, Product(first[i], second[place + (i * step)]));
            all = Plus(sum, all);
        }

        return all;
    }

    /// <summary>Every eighth product in one of eight sums.</summary>
    /// <param name="first">Numbers.</param>
    /// <param name="second">Others.</param>
    /// <param name="place">Where the others begin.</param>
    /// <param name="step">How far they stand apart.</param>
    /// <param name="ending">How sums are put together: see <see cref="FloatProductSum"/>.</param>
    /// <param name="start">What joins them last.</param>
    public static float InLanes(
        ReadOnlySpan<float> first, ReadOnlySpan<float> second, int place, int step, int ending,
        float start)
    {
        Span<float> e = stackalloc float[FloatProductSum.Lanes];
        e.Clear();
        for (int i = 0; i < first.Length; i++)
            e[i % FloatProductSum.Lanes] = Plus(
                e[i % FloatProductSum.Lanes],
                Product(first[i], second[place + (i * step)]));
        float all = ending switch
        {
            FloatProductSum.AtOnce => Plus(
                Plus(Plus(Plus(e[0], e[1]), e[2]), e[3]),
                Plus(Plus(Plus(e[4], e[5]), e[6]), e[7])),
            2 => Plus(
                Plus(Plus(e[0], e[2]), Plus(e[4], e[6])),
                Plus(Plus(e[1], e[3]), Plus(e[5], e[7]))),
            _ => Plus(
                Plus(Plus(e[0], e[1]), Plus(e[2], e[3])),
                Plus(Plus(e[4], e[5]), Plus(e[6], e[7]))),
        };
        return Plus(all, start);
    }

    /// <summary>A rounded product, 0 of what is 0, or NaN where it is not sure.</summary>
    private static float Product(float first, float second)
    {
        float product = first * second;
        return DynamicNumbers.IsSure(product) || first == 0 || second == 0
            ? product
            : float.NaN;
    }

    /// <summary>A rounded sum, or NaN where it is not sure.</summary>
    private static float Plus(float a, float b) =>
        DynamicNumbers.IsSure(a + b) || a + b == 0 ? a + b : float.NaN;
}
