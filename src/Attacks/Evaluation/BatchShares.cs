using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using QSim.Attacks.Methods;

namespace QSim.Attacks.Evaluation;

/// <summary>
/// Shares a batch out among threads, each of which attacks its images from start to end on a view
/// of the source: threads meet once a batch rather than at every step, and the attack's own work is
/// spread as well as the source's. Images are independent, so that results do not depend on it.
/// </summary>
/// <param name="attack">The attack.</param>
/// <param name="target">Its target; one whose source has no views is not shared.</param>
internal sealed class BatchShares(IAttack attack, AttackTarget target)
{
    /// <summary>Engines work on so many images side by side: no share leaves gaps.</summary>
    private const int Block = 16;

    /// <summary>Shares of a thread.</summary>
    private const int Each = 2;

    private readonly IReadOnlyList<AttackTarget> _views =
        attack.RunsAlone ? [target] : target.Views;

    /// <summary>Images to take up before others; null for none.</summary>
    public IReadOnlyList<bool>? First { get; init; }

    /// <summary>
    /// Parts of images [first, end) of a size: those with most of the first before others.
    /// </summary>
    public IReadOnlyList<(int First, int Count)> Parts(int first, int end, int size)
    {
        IEnumerable<(int First, int Count)> parts =
            Enumerable.Range(0, (end - first + size - 1) / size)
                .Select(i => (first + (i * size), Math.Min(size, end - first - (i * size))));
        return First is null
            ? [.. parts]
            : [.. parts.OrderByDescending(p => Enumerable.Range(p.First, p.Count).Count(
                i => First[i]))];
    }

    /// <summary>Calls work(target, first, count) for parts of images [first, end).</summary>
    public void Run(int first, int end, Action<AttackTarget, int, int> work)
    {
        IReadOnlyList<(int First, int Count)> parts = Parts(first, end, Size(end - first));
        if (parts.Count == 1)
        {
            work(_views[0], first, end - first);
            return;
        }

        var free = new ConcurrentBag<AttackTarget>(_views);
        SideBySide(parts.Count, _views.Count, part =>
        {
            if (!free.TryTake(out AttackTarget? view))
                throw new InvalidOperationException("more threads than views");
            try
            {
                work(view, parts[part].First, parts[part].Count);
            }
            finally
            {
                free.Add(view);
            }
        });
    }

    /// <summary>Does pieces of work on so many threads; what the first throws is thrown.</summary>
    public static void SideBySide(int count, int threads, Action<int> work)
    {
        if (threads == 1)
        {
            for (int i = 0; i < count; i++) work(i);
            return;
        }

        try
        {
            Parallel.For(0, count, new() { MaxDegreeOfParallelism = threads }, work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    /// <summary>
    /// A block each where no image leaves before the end: its images then stay in a core's cache,
    /// and a slow thread takes fewer. Else a few for each thread, so that none waits long for the
    /// others, and no more, lest the images that are left lie scattered over many blocks.
    /// </summary>
    private int Size(int images)
    {
        int blocks = Math.Max((images + Block - 1) / Block, 1);
        if (_views.Count == 1) return blocks * Block;
        return AttackRun.KeepsAll(attack, target)
            ? Block
            : (blocks + (Each * _views.Count) - 1) / (Each * _views.Count) * Block;
    }
}
