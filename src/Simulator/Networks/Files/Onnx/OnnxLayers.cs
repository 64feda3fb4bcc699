using System.Collections.Immutable;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>The layers that a graph has come to so far.</summary>
internal sealed partial class OnnxGraph
{
    private readonly List<FloatLayer> _layers = [];
    private readonly List<TensorShape> _shapes = [input];
    private readonly Dictionary<string, int> _names = [];

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<FloatLayer> Layers => _layers;

    /// <summary>Shape of a value's tensor.</summary>
    public TensorShape Shape(OnnxValue value) => _shapes[value.Tensor];

    /// <summary>
    /// The shape that extents have here: channels, rows, columns; a flat one where they are others.
    /// </summary>
    public static TensorShape ShapeOf(IReadOnlyList<long> extents) => extents switch
    {
        [1, var c, var rows, var columns] => new((int)c, (int)rows, (int)columns),
        [1, var c, var length] => new((int)c, 1, (int)length),
        _ => new((int)Math.Max(0, OnnxTensor.CountOf(extents))),
    };

    /// <summary>A value's tensor in the shape that its extents say.</summary>
    public int Canonical(OnnxNode node, OnnxValue value) =>
        As(node, value, ShapeOf(value.Extents));

    /// <summary>A value's tensor in a shape of as many elements.</summary>
    public int As(OnnxNode node, OnnxValue value, TensorShape wanted)
    {
        int tensor = value.Tensor;
        while (_shapes[tensor] != wanted)
        {
            if (tensor == 0 || _layers[tensor - 1] is not { } layer || !MovesNothing(layer)) break;
            tensor = layer.Inputs[0];
        }

        if (_shapes[tensor] == wanted) return tensor;
        tensor = value.Tensor;
        FloatLayer reshaped = wanted.Positions == 1
            ? new FlattenLayer(Unique($"{node.Name}/flatten".TrimStart('/')), [tensor])
            : new RearrangeLayer(
                Unique($"{node.Name}/reshape".TrimStart('/')), [tensor], wanted,
                [.. Enumerable.Range(0, wanted.Length)]);
        return Add(node, reshaped);
    }

    /// <summary>
    /// A value of elements of another: rearrangements in a row are one, and those that move nothing
    /// none.
    /// </summary>
    /// <param name="node">For the layer's name and messages.</param>
    /// <param name="value">Where elements come from.</param>
    /// <param name="extents">Extents of the new value.</param>
    /// <param name="sources">For each element its index among the old ones; -1 for 0.</param>
    public OnnxValue Rearranged(
        OnnxNode node, OnnxValue value, IReadOnlyList<long> extents, int[] sources)
    {
        int tensor = value.Tensor;
        while (tensor > 0 && _layers[tensor - 1] is RearrangeLayer or FlattenLayer)
        {
            FloatLayer layer = _layers[tensor - 1];
            if (layer is RearrangeLayer before)
                sources = [.. sources.Select(s => s < 0 ? s : before.Sources[s])];
            tensor = layer.Inputs[0];
        }

        bool movesNothing = sources.Length == _shapes[tensor].Length
            && sources.Index().All(s => s.Index == s.Item);
        if (movesNothing) return new(tensor, extents);
        TensorShape shape = ShapeOf(extents);
        var moved = new RearrangeLayer(Name(node), [tensor], shape, [.. sources]);
        return new(Add(node, moved), extents);
    }

    /// <summary>Adds a layer that makes a node's first output.</summary>
    /// <exception cref="InputException">Its inputs do not fit it.</exception>
    public void Add(OnnxNode node, FloatLayer layer, IReadOnlyList<long> extents) =>
        Set(node, new OnnxValue(Add(node, layer), extents));

    /// <summary>
    /// Adds a layer that works on each value by itself: ahead of what only put them in another
    /// order, so that it stands right behind the layer that made them, where hardware has it.
    /// </summary>
    public void AddElementwise(
        OnnxNode node, OnnxValue value, Func<ImmutableArray<int>, FloatLayer> create)
    {
        if (HasNumbers || value.Tensor == 0
            || _layers[value.Tensor - 1] is not RearrangeLayer moved || !IsOrder(moved))
        {
            Add(node, create([value.Tensor]), value.Extents);
            return;
        }

        // Both share the order: a chain of such layers has one.
        int made = Add(node, create([moved.Inputs[0]]));
        int turned = Add(node, moved with { Name = Unique(moved.Name), Inputs = [made] });
        Set(node, new OnnxValue(turned, value.Extents));
    }

    /// <summary>Whether a value's tensor is another one in another order.</summary>
    public bool IsTurned(OnnxValue value) =>
        value.Tensor > 0 && _layers[value.Tensor - 1] is RearrangeLayer;

    /// <summary>Adds a layer; its tensor.</summary>
    /// <exception cref="InputException">Its inputs do not fit it.</exception>
    public int Add(OnnxNode node, FloatLayer layer)
    {
        try
        {
            TensorShape shape = layer.OutputShape([.. layer.Inputs.Select(i => _shapes[i])]);
            if (shape.Length < 1) throw Fail(node, $"makes {shape} of {_shapes[layer.Inputs[0]]}");
            _shapes.Add(shape);
        }
        catch (ArgumentException e)
        {
            throw Fail(node, e.Message);
        }

        if (_layers.Count >= NetworkBytes.MostLayers)
            throw Fail(node, $"more than {NetworkBytes.MostLayers} layers");
        _layers.Add(layer);
        return _layers.Count;
    }

    /// <summary>
    /// A layer's name: that of its weight without <c>.weight</c>, which is the module's in PyTorch;
    /// else the node's.
    /// </summary>
    public string Name(OnnxNode node) => Unique(PlainName(node));

    private static string PlainName(OnnxNode node)
    {
        string? weight = node
            .Inputs.Skip(1)
            .FirstOrDefault(i => i.EndsWith(".weight", StringComparison.Ordinal));
        return weight is not null ? weight[..^".weight".Length]
            : node.Name.Length > 0 ? node.Name.TrimStart('/')
            : node.Operator.ToLowerInvariant();
    }

    private string Unique(string name)
    {
        string unique = name;
        while (!_names.TryAdd(unique, 1)) unique = $"{name}_{++_names[name]}";
        return unique;
    }

    /// <summary>Whether each value is there once.</summary>
    private bool IsOrder(RearrangeLayer moved)
    {
        bool[] isThere = new bool[_shapes[moved.Inputs[0]].Length];
        foreach (int source in moved.Sources)
        {
            if (source < 0 || isThere[source]) return false;
            isThere[source] = true;
        }

        return moved.Sources.Length == isThere.Length;
    }

    private bool MovesNothing(FloatLayer layer) =>
        layer is FlattenLayer
        || (layer is RearrangeLayer moved && moved.Sources.Index().All(s => s.Index == s.Item)
            && moved.Sources.Length == _shapes[moved.Inputs[0]].Length);
}
