using QSim.Certificates.Bounds;
using QSim.Certificates.Checking;
using QSim.Certificates.Linear;
using QSim.Certificates.Proofs;
using QSim.Kernels.Backends;

namespace QSim.Certificates.Search;

/// <summary>
/// Decides a box: bounds first, then counterexamples near where bounds are reached, then branch and
/// bound over stages; small boxes are run input by input, and boxes with few free values are split
/// until they are small. One object serves one thread.
/// </summary>
public sealed class CompleteSearch : IDisposable
{
    private readonly ProgramBounds _program;
    private readonly LinearBounds _linear;
    private readonly LinearCertifier _certifier;
    private readonly Candidates _candidates;
    private long _nodes;
    private readonly ProofChecker _checker;
    private List<RivalProof> _proofs = [];
    private ProofWriter? _writer;

    /// <summary>Whether results of proved boxes say why.</summary>
    public bool WritesProofs { get; init; }

    /// <summary>So many branches are bounded for a box, then it stays undecided.</summary>
    public long MostNodes { get; init; } = long.MaxValue;

    /// <summary>So many inputs are run one by one.</summary>
    internal long MostEnumerated { get; init; } = 512;

    /// <summary>Boxes with so many free values or fewer are split by their inputs.</summary>
    internal int FewFree { get; init; } = 12;

    /// <summary>Loads the program.</summary>
    /// <param name="program">Its bounds.</param>
    /// <param name="backend">Runs candidates.</param>
    public CompleteSearch(ProgramBounds program, IBackend backend)
    {
        _program = program;
        _linear = new(program);
        _certifier = new(program);
        _candidates = new(program.Program, backend);
        _checker = new(program.Program);
    }

    /// <summary>Decides whether every input of a box has a label.</summary>
    /// <param name="box">The raw inputs.</param>
    /// <param name="label">The label.</param>
    /// <param name="cancellation">The time is over: what is open stays undecided.</param>
    public SearchResult Decide(TensorBox box, int label, CancellationToken cancellation)
    {
        _nodes = 1;
        LinearState state = _linear.Of(box)
            ?? throw new InvalidOperationException("bounds that leave no input");
        _writer = WritesProofs ? new(_program, _checker, state) : null;
        var closed = new Dictionary<int, bool>();
        int[] rivals = [.. _certifier.Rivals(_linear, state, label, closed)];
        _proofs = [.. closed.Select(c => new RivalProof(
            c.Key, [new([], OfArguments: c.Value, null, [])]))];
        if (rivals.Length == 0) return Proved(state, label);
        string blame = _certifier.Blame(_linear, state, label, rivals[0]);
        int free = Enumerable.Range(0, box.Length).Count(i => box.Low[i] < box.High[i]);
        return Size(box) <= MostEnumerated || free <= FewFree
            ? BySplits(box, label, blame, cancellation)
            : ByStages(state, label, (rivals, blame), cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _candidates.Dispose();

    private SearchResult Proved(LinearState state, int label) =>
        new(Verdict.Proved, null, null, _nodes)
        {
            Proof = _writer is null
                ? null
                : new(label, state.Input.Low, state.Input.High, _writer.Root, _proofs),
        };

    private SearchResult ByStages(
        LinearState state, int label, (int[] Rivals, string Blame) open,
        CancellationToken cancellation)
    {
        bool isOpen = false;
        foreach (int other in open.Rivals)
        {
            if (cancellation.IsCancellationRequested || _nodes >= MostNodes)
                return Undecided(open.Blame, cancellation);
            Rival rival = _certifier.RivalOf(state, label, other);
            var search = new StageSearch(_program, state, _candidates, rival, _writer)
            {
                Most = MostNodes - _nodes,
            };
            bool isClosed = search.Close(cancellation);
            _nodes += search.Nodes;
            if (search.Broken is { } broken) return new(Verdict.Broken, broken, null, _nodes);
            isOpen |= !isClosed;
            if (search.Leaves is { } leaves) _proofs.Add(new(other, leaves));
        }

        return isOpen
            ? Undecided(open.Blame, cancellation)
            : Proved(state, label);
    }

    private SearchResult Undecided(string blame, CancellationToken cancellation) =>
        new(Verdict.Undecided, null, blame, _nodes)
        {
            IsOutOfTime = cancellation.IsCancellationRequested,
        };

    /// <summary>Halves the widest input until bounds decide or few inputs are left.</summary>
    private SearchResult BySplits(
        TensorBox box, int label, string blame, CancellationToken cancellation)
    {
        var open = new Stack<TensorBox>([box]);
        while (open.TryPop(out TensorBox? part))
        {
            _nodes++;
            if (cancellation.IsCancellationRequested || _nodes > MostNodes)
                return Undecided(blame, cancellation);
            if (Size(part) <= MostEnumerated)
            {
                if (_candidates.Breaking([.. Inputs(part)], label) is { } broken)
                    return new(Verdict.Broken, broken, null, _nodes);
                continue;
            }

            if (_linear.Of(part) is { } state && !_certifier.Rivals(_linear, state, label).Any())
                continue;
            int widest = Enumerable.Range(0, part.Length).MaxBy(i => part.High[i] - part.Low[i]);
            long middle = part.Low[widest] + ((part.High[widest] - part.Low[widest]) / 2);
            open.Push(With(part, widest, part[widest] with { Low = middle + 1 }));
            open.Push(With(part, widest, part[widest] with { High = middle }));
        }

        return new(Verdict.Proved, null, null, _nodes);
    }

    private static TensorBox With(TensorBox box, int at, Interval interval)
    {
        var copy = new TensorBox([.. box.Low], [.. box.High]);
        copy[at] = interval;
        return copy;
    }

    /// <summary>How many inputs a box has; more than anybody runs for very many.</summary>
    private long Size(TensorBox box)
    {
        long size = 1;
        for (int i = 0; i < box.Length && size <= MostEnumerated; i++)
            size = (long)Math.Min(
                MostEnumerated + 1, (double)size * (box.High[i] - box.Low[i] + 1.0));
        return size;
    }

    private static IEnumerable<long> Inputs(TensorBox box)
    {
        long[] point = [.. box.Low];
        while (true)
        {
            foreach (long value in point) yield return value;
            int i = 0;
            while (i < point.Length && point[i] == box.High[i]) point[i] = box.Low[i++];
            if (i == point.Length) yield break;
            point[i]++;
        }
    }
}
