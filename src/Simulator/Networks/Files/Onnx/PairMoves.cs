namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// Pairs where ONNX Runtime's default optimizations put more of them (QDQPropagationTransformer): a
/// QuantizeLinear's back, and a DequantizeLinear's forward, through what moves values. No value
/// changes, for these were rounded so already; but what a layer reads and what reads it are then
/// pairs that stand right beside it.
/// </summary>
internal sealed class PairMoves
{
    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, (OnnxNode Quantize, OnnxNode Number)> _pairs = [];
    private readonly HashSet<OnnxNode> _again = [];
    private readonly HashSet<string> _first = [];
    private readonly HashSet<string> _read = [];

    private PairMoves(OnnxGraph graph) => _graph = graph;

    /// <summary>The nodes with those pairs, of a graph whose constants are known.</summary>
    public static IReadOnlyList<OnnxNode> Of(OnnxGraph graph)
    {
        var moves = new PairMoves(graph);
        foreach (OnnxNode node in graph.Nodes)
            if (PairPaths.IsQuantize(node) && moves.IsOne(node)) moves.Back(node);
        foreach (OnnxNode node in graph.Nodes)
            if (PairPaths.IsDequantize(node) && moves.IsOne(node)) moves.Forward(node);
        return [.. graph.Nodes.SelectMany(moves.Paired)];
    }

    /// <summary>
    /// The nodes with each Transpose behind a Relu that alone reads it (TransposeOptimizer).
    /// </summary>
    public static IReadOnlyList<OnnxNode> Turned(OnnxGraph graph)
    {
        List<OnnxNode> nodes = [.. graph.Nodes];
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] is not { Operator: "Relu" } clamp) continue;
            string name = clamp.Inputs[0];

            // Where values that were moved are made, others now are.
            int at = graph.PlaceOf(name);
            if (at < 0 || nodes[at] is not { Operator: "Transpose" } move
                || graph.ConstantOf(name) is not null || graph.Outputs.Contains(name)
                || graph.ReadersOf(name).Count() != 1)
                continue;
            string clamped = $"{clamp.Outputs[0]}/clamped/\0";
            nodes[at] = clamp with
            {
                Inputs = [move.Inputs[0], .. clamp.Inputs.Skip(1)],
                Outputs = [clamped],
            };
            nodes[i] = move with { Inputs = [clamped], Outputs = clamp.Outputs };
        }

        return nodes;
    }

    /// <summary>Whether scale and zero point are constants of one number.</summary>
    private bool IsOne(OnnxNode node) =>
        _graph.ConstantOf(node.Inputs[0]) is null
        && node.Inputs.Skip(1).Where(i => i.Length > 0)
            .All(i => _graph.ConstantOf(i) is { Length: 1, Shape.Count: <= 1 });

    private void Back(OnnxNode quantize)
    {
        if (_again.Contains(quantize) || !_read.Add(quantize.Inputs[0])) return;
        OnnxNode[] alike = [.. _graph.ReadersOf(quantize.Inputs[0])];
        if (!alike.All(n => PairPaths.IsAlike(_graph, n, quantize))) return;
        string name = quantize.Inputs[0], first = "";
        while (Maker(ref name, isShared: name == quantize.Inputs[0]) is { } move
            && PairPaths.Moves(_graph, move))
        {
            string before = name = move.Inputs[0];
            if (Maker(ref name) is not { } maker || PairPaths.IsDequantize(maker)) break;
            _pairs[before] = (quantize, Other(quantize, "Quantize", "Dequantize"));
            _again.UnionWith(alike);
            first = before;
        }

        _first.Add(first);
    }

    /// <summary>
    /// What makes a value that one node alone reads, ahead of what does nothing; null for others.
    /// </summary>
    private OnnxNode? Maker(ref string name, bool isShared = false)
    {
        while ((isShared || _graph.ReadersOf(name).Count() == 1) && !_graph.Outputs.Contains(name)
            && _graph.MakerOf(name) is { } maker)
        {
            if (!PairPaths.IsNothing(maker)) return maker;
            (name, isShared) = (maker.Inputs[0], false);
        }

        return null;
    }

    private void Forward(OnnxNode number)
    {
        OnnxNode quantize = _graph.MakerOf(number.Inputs[0]) is { } maker
            && PairPaths.IsQuantize(maker)
                ? maker
                : Other(number, "Dequantize", "Quantize");
        var names = new Queue<string>(number.Outputs);
        while (names.TryDequeue(out string? name))
            foreach (OnnxNode reader in PairPaths.Behind(_graph, name))
            {
                if (!PairPaths.Moves(_graph, reader) || _pairs.ContainsKey(reader.Outputs[0])
                    || PairPaths.Behind(_graph, reader.Outputs[0]) is not { Length: > 0 } behind
                    || behind.Any(PairPaths.IsQuantize))
                    continue;
                _pairs[reader.Outputs[0]] = (quantize, number);
                names.Enqueue(reader.Outputs[0]);
            }
    }

    private static OnnxNode Other(OnnxNode node, string own, string other) => node with
    {
        Operator = node.Operator.Replace(own, other),
        Attributes = node.Attributes.Where(a => a.Key is "axis" or "block_size").ToDictionary(),
    };

    /// <summary>A node, and pairs behind it where there are more.</summary>
    private IEnumerable<OnnxNode> Paired(OnnxNode node)
    {
        if (_again.Contains(node)) node = node with { IsAgain = true };
        string[] outputs = [.. node.Outputs];
        List<OnnxNode> pairs = [];
        for (int i = 0; i < outputs.Length; i++)
        {
            string name = outputs[i];
            if (!_pairs.TryGetValue(name, out (OnnxNode Quantize, OnnxNode Number) pair)) continue;
            string raw = $"{name}/raw/\0";
            outputs[i] = $"{name}/made/\0";
            pairs.Add(pair.Quantize with
            {
                Inputs = [outputs[i], .. pair.Quantize.Inputs.Skip(1)],
                Outputs = [raw],
                IsAgain = !_first.Contains(name),
                CopyOf = pair.Quantize.Outputs[0],
            });
            pairs.Add(pair.Number with
            {
                Inputs = [raw, .. pair.Number.Inputs.Skip(1)],
                Outputs = [name],
            });
        }

        return pairs.Count == 0 ? [node] : [node with { Outputs = outputs }, .. pairs];
    }
}
