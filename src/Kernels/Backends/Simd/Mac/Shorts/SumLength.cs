namespace QSim.Kernels.Backends.Simd.Mac.Shorts;

/// <summary>
/// How long 16-bit sums may run before they join 32-bit ones, from the actual weights: a lane takes
/// every second term of one channel.
/// </summary>
internal static class SumLength
{
    /// <summary>
    /// The most pairs of steps, in goes of one length, of which no lane's sum leaves 16 bits.
    /// </summary>
    public static int Pairs(MacShape shape, int[] order, ShortSum sum)
    {
        int all = (shape.Depth + 1) / 2;
        if (sum.StepsPerSum >= shape.Depth) return all;
        (long low, long high) = shape.Layer.Facts.Multiplied;
        int goes = 1, pairs = all;
        long[] least = new long[all + 1], most = new long[all + 1];

        // Shorter goes begin elsewhere, so all that fitted longer ones is asked again, this
        // channel's other lane too.
        for (int channel = 0, fitting = 0; fitting < shape.Channels;
            channel = (channel + 1) % shape.Channels)
        {
            fitting++;
            ReadOnlySpan<int> weights = shape.Layer.Weights.AsSpan()
                .Slice(channel * shape.Depth, shape.Depth);

            // Even and odd steps are added up in different lanes.
            for (int parity = 0; parity < Math.Min(2, shape.Depth); parity++)
            {
                for (int pair = 0; pair < all; pair++)
                {
                    int step = (2 * pair) + parity;
                    int weight = step < order.Length ? weights[order[step]] : 0;
                    (long a, long b) = (sum.TermOf(low, weight), sum.TermOf(high, weight));
                    least[pair + 1] = least[pair] + Math.Min(a, b);
                    most[pair + 1] = most[pair] + Math.Max(a, b);
                }

                for (; !Fit(least, most, pairs); fitting = 0) pairs = (all + goes++) / goes;
            }
        }

        return pairs;
    }

    private static bool Fit(long[] least, long[] most, int pairs)
    {
        for (int first = 0, last; first < least.Length - 1; first = last)
        {
            last = Math.Min(first + pairs, least.Length - 1);
            if (least[last] - least[first] < short.MinValue) return false;
            if (most[last] - most[first] > short.MaxValue) return false;
        }

        return true;
    }
}
