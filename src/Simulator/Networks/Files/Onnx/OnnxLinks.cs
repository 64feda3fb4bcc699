namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// What makes values and what reads them. Each is looked up: a search through all nodes for each
/// node would take hours on a file of a hundred thousand.
/// </summary>
internal sealed partial class OnnxGraph
{
    private readonly Dictionary<Type, object> _notes = [];
    private Dictionary<string, int>? _makers;
    private ILookup<string, OnnxNode>? _readers;

    /// <summary>
    /// What those who look at the graph remember of its nodes, one object of each type; forgotten
    /// where other nodes take their place.
    /// </summary>
    public T Notes<T>()
        where T : class, new()
    {
        if (!_notes.TryGetValue(typeof(T), out object? notes))
            _notes[typeof(T)] = notes = new T();
        return (T)notes;
    }

    /// <summary>
    /// Puts pairs where ONNX Runtime moves them; all that is made of constants has to be known.
    /// </summary>
    public void MovePairs()
    {
        if (!HasNumbers) return;
        Replace(PairMoves.Turned(this));
        Replace(PairMoves.Of(this));
    }

    private void Replace(IReadOnlyList<OnnxNode> nodes)
    {
        model = model with { Nodes = nodes };
        _read.UnionWith(nodes.SelectMany(n => n.Inputs));
        (_known, _makers, _readers) = (null, null, null);
        _notes.Clear();
    }

    /// <summary>Where among the nodes a value is made; -1 where none makes it.</summary>
    public int PlaceOf(string name)
    {
        if (_makers is null)
        {
            _makers = [];
            for (int i = 0; i < Nodes.Count; i++)
                foreach (string output in Nodes[i].Outputs.Where(o => o.Length > 0))
                    _makers.TryAdd(output, i);
        }

        return _makers.GetValueOrDefault(name, -1);
    }

    /// <summary>The node that makes a value; null where none does.</summary>
    public OnnxNode? MakerOf(string name) => PlaceOf(name) is >= 0 and var at ? Nodes[at] : null;

    /// <summary>The nodes that read a value, in order, each as often as it does.</summary>
    public IEnumerable<OnnxNode> ReadersOf(string name) => (_readers ??= Nodes
        .SelectMany(n => n.Inputs, (Node, Input) => (Node, Input))
        .ToLookup(r => r.Input, r => r.Node))[name];

    /// <summary>
    /// Refuses a node that reads, over others or itself, what it makes, so that every search along
    /// nodes ends; and one that reads nothing, though its operator has inputs.
    /// </summary>
    /// <exception cref="InputException">There is one.</exception>
    public void RefuseCircles()
    {
        if (Nodes.FirstOrDefault(n => n.Inputs.Count == 0 && n.Operator != "Constant"
            && OnnxRules.All.ContainsKey(n.Operator)) is { } alone)
            throw Fail(alone, "input 0 is not there");
        ILookup<int, int> readers = Nodes
            .SelectMany((node, to) => node.Inputs.Select(i => (From: PlaceOf(i), To: to)))
            .ToLookup(r => r.From, r => r.To);
        int[] open = [.. Nodes.Select(n => n.Inputs.Count(i => PlaceOf(i) >= 0))];
        var ready = new Stack<int>(Enumerable.Range(0, open.Length).Where(i => open[i] == 0));
        while (ready.TryPop(out int at))
            foreach (int next in readers[at])
                if (--open[next] == 0) ready.Push(next);
        int left = Array.FindIndex(open, o => o > 0);
        if (left >= 0)
            throw Later(
                Nodes[left],
                Nodes[left].Inputs.Index().First(i => PlaceOf(i.Item) is >= 0 and var p
                    && open[p] > 0).Index);
    }

    private InputException Later(OnnxNode node, int input) => Fail(
        node,
        $"input {input} ('{Brief.Name(node.Inputs[input])}') comes from a later node or from "
            + "itself (supported: nodes in the order in which they run)");

    /// <summary>
    /// The node that makes a value which so many inputs of nodes read, and no output of the graph
    /// is; null for any other.
    /// </summary>
    public OnnxNode? Maker(string name, int readers = 1) =>
        !Outputs.Contains(name) && ReadersOf(name).Count() == readers
        && MakerOf(name) is { } maker && maker.Outputs[0] == name
            ? maker
            : null;
}
