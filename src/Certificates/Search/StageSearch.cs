using QSim.Certificates.Bounds;
using QSim.Certificates.Linear;
using QSim.Certificates.Proofs;

namespace QSim.Certificates.Search;

/// <summary>
/// Branch and bound over the arguments of a program's stages, the loosest branch first; inputs at
/// which bounds are reached are run on the program as they come.
/// </summary>
internal sealed class StageSearch(
    ProgramBounds program, LinearState root, Candidates candidates, Rival rival,
    ProofWriter? writer)
{
    private const int RootSteps = 60;
    private const int NodeSteps = 12;
    private const int RunTogether = 16;
    private const int FirstRounds = 40;

    /// <summary>Few branches prove most; where they do not, a longer look pays.</summary>
    private const int LongHuntAfter = 11;
    private const int LongRounds = 300;

    private readonly NodeBound _bound = new(program, root, rival) { Writer = writer };
    private readonly PriorityQueue<Node, double> _open = new();
    private readonly List<long> _corners = [];
    private readonly Dictionary<Node, (Limit Low, Limit High, long At)> _splits =
        new(ReferenceEqualityComparer.Instance);

    private long[]? _last;

    /// <summary>Closed branches, written down; null where nobody wants to know.</summary>
    public List<LeafProof>? Leaves { get; } = writer is null ? null : [];

    /// <summary>So many branches are bounded, then it is left open.</summary>
    public long Most { get; init; } = long.MaxValue;

    /// <summary>Branches that were bounded.</summary>
    public long Nodes { get; private set; }

    /// <summary>An input that breaks the label; null while none was found.</summary>
    public long[]? Broken { get; private set; }

    /// <summary>
    /// True when the rival provably never wins; false when it does, or nobody knows.
    /// </summary>
    public bool Close(CancellationToken cancellation)
    {
        bool isStuck = false;
        Node top = new([], double.PositiveInfinity, []);
        Visit(top, RootSteps, ref isStuck, cancellation);
        if (Broken is null && _open.Count > 0) Hunt(FirstRounds, 1, cancellation);
        while (Broken is null && _open.TryDequeue(out Node? node, out _))
        {
            if (cancellation.IsCancellationRequested || isStuck || Nodes >= Most) return false;
            _splits.Remove(node, out var split);
            (int layer, int output, long at) = (split.Low.Layer, split.Low.Output, split.At);
            Node low = node.With(split.Low, new(layer, output, at, IsUpper: false)),
                high = node.With(split.High, new(layer, output, at, IsUpper: true));
            Visit(low, NodeSteps, ref isStuck, cancellation);
            Visit(high, NodeSteps, ref isStuck, cancellation);
            if (Nodes == LongHuntAfter) Hunt(LongRounds, 2, cancellation);
            else if (Nodes % 200 < 2) Hunt(20, (int)Nodes, cancellation);
        }

        RunCorners();
        return Broken is null && !isStuck;
    }

    private void Visit(
        Node node, int steps, ref bool isStuck, CancellationToken cancellation)
    {
        Nodes++;
        if (!_bound.Set(node))
        {
            Leaves?.Add(new(node.Path, true, null, []));
            return;
        }

        double rate = 0.5;
        for (int step = 0; step < steps; step++)
        {
            if (step > 0 && cancellation.IsCancellationRequested)
            {
                isStuck = true;
                return;
            }

            if (_bound.Step())
            {
                Leaves?.Add(_bound.Leaf(node.Path));
                return;
            }

            _bound.Steering.Follow();
            if (step < steps - 1) _bound.Steering.Improve(rate);
            rate *= 0.9;
        }

        Keep(_bound.Leading);
        if (_bound.Steering.Split() is not { } split)
        {
            isStuck = true;
            return;
        }

        Interval argument = _bound.Stages[split.Layer].Argument[split.Output];
        Node open = node with { Bound = Math.Min(node.Bound, _bound.Bound) };
        _splits[open] = (
            new(split.Layer, split.Output, argument with { High = split.At - 1 }),
            new(split.Layer, split.Output, argument with { Low = split.At }), split.At);
        _open.Enqueue(open, -open.Bound);
    }

    private void Keep(int row)
    {
        long[] corner = new long[root.Input.Length];
        _bound.Corner(row, corner);
        _corners.AddRange(corner);
        if (_corners.Count >= RunTogether * corner.Length) RunCorners();
    }

    private void RunCorners()
    {
        if (_corners.Count == 0 || Broken is not null) return;
        Broken = candidates.Breaking([.. _corners], rival.Label);
        _last = [.. _corners[^root.Input.Length..]];
        _corners.Clear();
    }

    private void Hunt(int rounds, int seed, CancellationToken cancellation)
    {
        RunCorners();
        if (Broken is not null || _last is null) return;
        Broken = new Hunt(candidates, root.Input, rival.Label).From(
            _last, rival.Class, rounds, seed, cancellation);
    }
}
