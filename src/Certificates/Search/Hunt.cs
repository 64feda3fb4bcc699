using QSim.Certificates.Bounds;
using QSim.Kernels.Conformance;

namespace QSim.Certificates.Search;

/// <summary>
/// Looks for a counterexample near a promising input: changes a few values at once, keeps what
/// brings a rival nearer, fewer and fewer of them.
/// </summary>
internal sealed class Hunt(Candidates candidates, TensorBox box, int label)
{
    private const int Batch = 32;

    private readonly int[] _free = [.. Enumerable.Range(0, box.Length)
        .Where(i => box.Low[i] < box.High[i])];

    /// <summary>The counterexample; null where none was found.</summary>
    /// <param name="start">Where to start from.</param>
    /// <param name="rival">The class that is to win.</param>
    /// <param name="rounds">How many batches to try.</param>
    /// <param name="seed">Of the choices.</param>
    /// <param name="cancellation">Ends it early.</param>
    public long[]? From(
        long[] start, int rival, int rounds, int seed, CancellationToken cancellation)
    {
        if (candidates.Breaking(start, label) is { } found) return found;
        if (_free.Length == 0) return null;
        var choose = new Choices(seed);
        long[] best = start;
        long margin = candidates.Margins(best, label, rival)[0];
        for (int round = 0; round < rounds && !cancellation.IsCancellationRequested; round++)
        {
            double share = 0.2 * Math.Pow(1.0 - ((double)round / rounds), 2);
            int changes = Math.Max(1, (int)(share * _free.Length));
            long[] tries = [.. Enumerable.Range(0, Batch).SelectMany(
                _ => Changed(best, changes, choose))];
            if (candidates.Breaking(tries, label) is { } breaking) return breaking;
            long[] margins = candidates.Margins(tries, label, rival);
            int top = Array.IndexOf(margins, margins.Max());
            if (margins[top] < margin) continue;
            margin = margins[top];
            best = tries[(top * box.Length)..((top + 1) * box.Length)];
        }

        return null;
    }

    private long[] Changed(long[] from, int changes, Choices choose)
    {
        long[] changed = [.. from];
        for (int c = 0; c < changes; c++)
        {
            int i = _free[choose.Between(0, _free.Length - 1)];
            changed[i] = choose.Chance(0.7)
                ? changed[i] == box.Low[i] ? box.High[i] : box.Low[i]
                : choose.Between(box.Low[i], box.High[i]);
        }

        return changed;
    }
}
