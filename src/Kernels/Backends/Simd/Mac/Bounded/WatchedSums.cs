using System.Runtime.CompilerServices;
using QSim.Kernels.Backends.Simd.Mac.Pairs;

namespace QSim.Kernels.Backends.Simd.Mac.Bounded;

/// <summary>
/// Exact sums of eight columns and one vector of channels, and the most that they were at the ends
/// of blocks of steps, as numbers without a sign: a sum that starts from its distance to the lower
/// end of an interval leaves that interval exactly when this gets too large.
/// </summary>
/// <param name="pairs">Pairs of steps.</param>
/// <param name="segment">
/// Pairs after which sums are kept, so that they can be taken up from there.
/// </param>
/// <param name="stride">From one row to the next.</param>
/// <remarks>
/// Needs eight columns of a tile that Accumulation.Run let in, and marks for every segment.
/// </remarks>
internal readonly unsafe struct WatchedSums<TOps, TVector>(int pairs, int segment, int stride)
    where TOps : struct, IPairVector<TVector>
    where TVector : unmanaged
{
    public const int Columns = MacTile<short, int>.ColumnStep;

    /// <summary>
    /// Sums in their place; returns the most that any of them was, per channel.
    /// </summary>
    /// <param name="row">The first column's inputs.</param>
    /// <param name="channels">The vector of channels.</param>
    /// <param name="first">The first column.</param>
    /// <param name="start">What sums start from.</param>
    /// <param name="offset">What they lack at the end.</param>
    /// <param name="block">Pairs between two looks.</param>
    /// <param name="marks">
    /// For every segment, eight sums at its end and the most they were until then.
    /// </param>
    public TVector Run(
        short* row, in Channels channels, int first, TVector start, TVector offset, int block,
        TVector* marks)
    {
        short* w = channels.Weights;
        nint s = stride, s2 = 2 * s, s3 = 3 * s;
        short* row4 = row + (4 * s);
        TVector a, b, c, d, e, f, g, h, mostA, mostB, mostC, mostD, mostE, mostF, mostG, mostH;
        a = b = c = d = e = f = g = h = start;
        mostA = mostB = mostC = mostD = mostE = mostF = mostG = mostH = start;
        for (int pair = 0; pair < pairs; marks += 2 * Columns)
        {
            for (int last = Math.Min(pair + segment, pairs); pair < last;)
            {
                for (int end = Math.Min(pair + block, last); pair < end; pair++)
                {
                    TVector v = TOps.Load((int*)w);
                    a = TOps.MultiplyAdd(a, TOps.Broadcast(row), v);
                    b = TOps.MultiplyAdd(b, TOps.Broadcast(row + s), v);
                    c = TOps.MultiplyAdd(c, TOps.Broadcast(row + s2), v);
                    d = TOps.MultiplyAdd(d, TOps.Broadcast(row + s3), v);
                    e = TOps.MultiplyAdd(e, TOps.Broadcast(row4), v);
                    f = TOps.MultiplyAdd(f, TOps.Broadcast(row4 + s), v);
                    g = TOps.MultiplyAdd(g, TOps.Broadcast(row4 + s2), v);
                    h = TOps.MultiplyAdd(h, TOps.Broadcast(row4 + s3), v);
                    row += 2;
                    row4 += 2;
                    w += 2 * TOps.Lanes;
                }

                (mostA, mostB) = (TOps.MaxUnsigned(mostA, a), TOps.MaxUnsigned(mostB, b));
                (mostC, mostD) = (TOps.MaxUnsigned(mostC, c), TOps.MaxUnsigned(mostD, d));
                (mostE, mostF) = (TOps.MaxUnsigned(mostE, e), TOps.MaxUnsigned(mostF, f));
                (mostG, mostH) = (TOps.MaxUnsigned(mostG, g), TOps.MaxUnsigned(mostH, h));
            }

            (marks[8], marks[9], marks[10], marks[11]) = (mostA, mostB, mostC, mostD);
            (marks[12], marks[13], marks[14], marks[15]) = (mostE, mostF, mostG, mostH);

            // Nothing goes on from the last segment's sums, which are stored below.
            if (pair >= pairs) break;
            (marks[0], marks[1], marks[2], marks[3]) = (a, b, c, d);
            (marks[4], marks[5], marks[6], marks[7]) = (e, f, g, h);
        }

        Store(a, b, c, d, offset, channels.To(first), channels.Padded);
        Store(e, f, g, h, offset, channels.To(first + 4), channels.Padded);
        return TOps.MaxUnsigned(
            Largest(mostA, mostB, mostC, mostD), Largest(mostE, mostF, mostG, mostH));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Largest(TVector a, TVector b, TVector c, TVector d) =>
        TOps.MaxUnsigned(TOps.MaxUnsigned(a, b), TOps.MaxUnsigned(c, d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        TVector a, TVector b, TVector c, TVector d, TVector offset, int* to, nint padded)
    {
        TOps.Store(TOps.Add(a, offset), to);
        TOps.Store(TOps.Add(b, offset), to + padded);
        TOps.Store(TOps.Add(c, offset), to + (2 * padded));
        TOps.Store(TOps.Add(d, offset), to + (3 * padded));
    }
}
