using QSim.Certificates.Bounds;
using QSim.Certificates.Linear;
using QSim.Certificates.Proofs;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Search;

/// <summary>
/// Bounds branches of one box for one rival: mixtures of lines and multiples of limits are improved
/// step by step, and every step is a proof of its own.
/// </summary>
/// <remarks>
/// Rows: the difference of arguments, rival less label; the rival's argument; the label's, negated;
/// the difference of logits.
/// </remarks>
internal sealed class NodeBound
{
    /// <summary>Rows of the pass.</summary>
    public const int Rows = 4;

    private readonly LinearState _root;
    private readonly BackwardPass _pass;
    private readonly LinePair[][] _lines;
    private readonly double[] _arguments;
    private readonly Rival _rival;
    private readonly double[] _best = new double[Rows];
    private List<Limit> _set = [];
    private double[] _last = [];

    public NodeBound(ProgramBounds program, LinearState root, Rival rival)
    {
        (_root, _rival) = (root, rival);
        _pass = new(program.Layers, program.RelativeError, new(root.Input.Length), Rows);
        Stages = [.. root.Stages.Select(s => new Stage(s))];
        _lines = [.. root.Lines.Select(l => (LinePair[])[.. l])];
        _arguments = new double[Sizes.Elements(Rows, root.Stages[rival.Last].Output.Length)];
        Terms = new(program.Layers.Count, Rows);
        _pass.Terms = Terms;
        for (int k = 0; k < Stages.Length; k++) PrepareLayer(k);
        Steering = new(program, this);
    }

    /// <summary>What may be chosen.</summary>
    public RowTerms Terms { get; }

    /// <summary>Layers over the branch at hand.</summary>
    public Stage[] Stages { get; }

    /// <summary>Writes closed branches down; null where nobody asks.</summary>
    public ProofWriter? Writer { get; init; }

    /// <summary>How choices improve.</summary>
    public Steering Steering { get; }

    /// <summary>The lines of a layer.</summary>
    public LinePair[] LinesOf(int layer) => _lines[layer];

    /// <summary>The limits of the branch at hand that cut anything off.</summary>
    public IReadOnlyList<Limit> Limits => _set;

    /// <summary>The multiples of the upper and of the lower ends of limits, [limit][row].</summary>
    public List<(double[] Upper, double[] Lower)> Multiples { get; } = [];

    /// <summary>The form of the pass that the search follows.</summary>
    public int Leading => _rival.Function is null ? 3 : 0;

    /// <summary>What the leading form comes to.</summary>
    public double Bound => _best[Leading];

    /// <summary>The box of inputs.</summary>
    public TensorBox Input => _root.Input;

    /// <summary>Sets a branch; false where a limit leaves no argument.</summary>
    public bool Set(Node node)
    {
        foreach (Limit old in _set)
            SetArgument(old with { Argument = _root.Stages[old.Layer].Argument[old.Output] });
        foreach (double[]? limits in Terms.Limits) if (limits is not null) Array.Clear(limits);
        _set = [.. node.Limits];
        Multiples.Clear();
        Array.Fill(_best, double.PositiveInfinity);
        foreach (Limit limit in _set)
        {
            if (limit.Argument.Low > limit.Argument.High) return false;
            SetArgument(limit);
            Multiples.Add((new double[Rows], new double[Rows]));
        }

        return true;
    }

    /// <summary>One step: bounds with the choices as they are.</summary>
    /// <returns>Whether the branch is closed: the rival does not win in it.</returns>
    public bool Step()
    {
        _pass.Begin(_root.Input, Stages, _lines);
        AddMultiples();
        double[] logits = _pass.Of(_rival.Tensor);
        logits[(_rival.Class * Rows) + 3] = 1;
        logits[(_rival.Label * Rows) + 3] = -1;
        if (_rival.Function is not null)
        {
            Array.Clear(_arguments);
            int mine = _rival.Label * Rows, theirs = _rival.Class * Rows;
            (_arguments[theirs], _arguments[mine]) = (1, -1);
            _arguments[theirs + 1] = 1;
            _arguments[mine + 2] = -1;
            _pass.AddArguments(_rival.Last, _arguments);
        }

        double[] bounds = _last = _pass.Run(_rival.Tensor);
        for (int r = 0; r < Rows; r++) _best[r] = Math.Min(_best[r], bounds[r]);
        return _rival.Loses(Stages[_rival.Last], _best);
    }

    /// <summary>
    /// The branch at hand as somebody can check it, after a step that closed it: with the
    /// difference of logits where that did it alone, else with that of arguments.
    /// </summary>
    public LeafProof Leaf(IReadOnlyList<Split> path)
    {
        bool isOfLogits = _rival.Function is null
            || _last[3] < _rival.Threshold;
        int row = isOfLogits ? 3 : 0;
        return new(
            path, !isOfLogits,
            Writer!.Lines(Stages, (k, i) => Terms.Mixed(_lines[k][i], k, i, row), _set),
            [.. _set.Select((limit, n) => new Multiple(
                limit.Layer, limit.Output, ProofWriter.Multiple(Multiples[n].Upper[row]),
                ProofWriter.Multiple(Multiples[n].Lower[row])))]);
    }

    /// <summary>The input at which the bound of a form is reached.</summary>
    public void Corner(int row, long[] input)
    {
        for (int i = 0; i < input.Length; i++)
            input[i] = _pass.InputCoefficient(i, row) > 0
                ? _root.Input.High[i]
                : _root.Input.Low[i];
    }

    /// <summary>
    /// For lambda not negative, lambda * (limit - argument) is not negative in the branch: adding
    /// it leaves an upper bound one.
    /// </summary>
    private void AddMultiples()
    {
        for (int n = 0; n < _set.Count; n++)
        {
            (int layer, int output, Interval argument) = _set[n];
            (double[] upper, double[] lower) = Multiples[n];
            double[] limits = Terms.Limits[layer] ??=
                new double[Sizes.Elements(Rows, Stages[layer].Output.Length)];
            for (int r = 0; r < Rows; r++)
            {
                limits[(output * Rows) + r] = lower[r] - upper[r];
                double up = upper[r] * argument.High, down = lower[r] * argument.Low;
                _pass.Constant[r] += up - down;
                // The difference of the multiples is rounded, too: relative to both.
                _pass.Absolute[r] += Math.Abs(up) + Math.Abs(down)
                    + ((upper[r] + lower[r]) * Math.Max(
                        Math.Abs((double)argument.Low), Math.Abs((double)argument.High)));
            }
        }
    }

    private void PrepareLayer(int k)
    {
        Stage stage = Stages[k];
        Terms.Others[k] = [.. _lines[k]];
        int room = Sizes.Elements(Rows, stage.Output.Length);
        (Terms.LowShares[k], Terms.HighShares[k]) = (new double[room], new double[room]);
        Terms.Values[k] = new double[room];
        for (int i = 0; i < stage.Output.Length; i++)
            if (stage.IsLinked[i] && stage.Function(i) is not null)
                SetLines(k, i);
    }

    private void SetArgument(in Limit limit)
    {
        Stage stage = Stages[limit.Layer];
        Interval output = _root.Stages[limit.Layer].Output[limit.Output];
        bool isLoose = false;
        stage.Argument[limit.Output] = limit.Argument;
        stage.Output[limit.Output] = stage.Function(limit.Output)!
            .Range(limit.Argument, ref isLoose).And(output);
        SetLines(limit.Layer, limit.Output);
    }

    private void SetLines(int layer, int output)
    {
        Stage stage = Stages[layer];
        _lines[layer][output] = Relaxation.Of(
            stage.Function(output), stage.Argument[output], stage.Output[output],
            out Terms.Others[layer]![output]);
    }
}
