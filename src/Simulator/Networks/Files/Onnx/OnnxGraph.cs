using QSim.Kernels.Datapath;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>A value of the graph that depends on the image.</summary>
/// <param name="Tensor">
/// The float network's tensor: 0 is the image, i + 1 the output of layer i.
/// </param>
/// <param name="Rank">Dimensions that ONNX gives it, the batch among them: 4 or 2.</param>
/// <param name="Padding">
/// Zeros around it that a convolution is to add: above, left, below, right; null for none.
/// </param>
internal readonly record struct OnnxValue(
    int Tensor, int Rank, IReadOnlyList<long>? Padding = null);

/// <summary>A graph on its way to layers: what each name stands for so far.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="model">What it says.</param>
/// <param name="input">Shape of one image.</param>
internal sealed class OnnxGraph(string file, OnnxModel model, TensorShape input)
{
    private readonly Dictionary<string, OnnxValue> _values = [];
    private readonly Dictionary<string, OnnxTensor> _constants = new(model.Constants);
    private readonly List<FloatLayer> _layers = [];
    private readonly List<TensorShape> _shapes = [input];
    private readonly Dictionary<string, int> _names = [];

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<FloatLayer> Layers => _layers;

    /// <summary>The names of the graph's outputs.</summary>
    public IReadOnlyList<string> Outputs => model.Outputs;

    /// <summary>Shape of a tensor.</summary>
    public TensorShape Shape(OnnxValue value) => _shapes[value.Tensor];

    /// <summary>The extents that ONNX sees, for a batch of one.</summary>
    public long[] Extents(OnnxValue value)
    {
        TensorShape s = Shape(value);
        return value.Rank == 4 ? [1, s.Channels, s.Rows, s.Columns] : [1, s.Length];
    }

    /// <summary>Whether an input of a node is a constant.</summary>
    public bool IsConstant(OnnxNode node, int index) =>
        index < node.Inputs.Count && _constants.ContainsKey(node.Inputs[index]);

    /// <summary>Whether a node has an input, constant or not.</summary>
    public static bool Has(OnnxNode node, int index) =>
        index < node.Inputs.Count && node.Inputs[index].Length > 0;

    /// <summary>An input that depends on the image.</summary>
    /// <exception cref="InputException">It does not, or is padded.</exception>
    public OnnxValue Value(OnnxNode node, int index) =>
        MaybePadded(node, index) is { Padding: null } value
            ? value
            : throw Fail(node, "comes after a Pad, which is supported before a convolution only");

    /// <summary>An input that depends on the image, padded or not.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public OnnxValue MaybePadded(OnnxNode node, int index) =>
        Has(node, index) && _values.TryGetValue(node.Inputs[index], out OnnxValue value)
            ? value
            : throw Fail(
                node,
                IsConstant(node, index)
                    ? $"input {index} is a constant, where something that depends on the image is "
                        + "needed"
                    : $"input {index} is not there");

    /// <summary>An input that is a constant.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public OnnxTensor Constant(OnnxNode node, int index) =>
        Has(node, index) && _constants.TryGetValue(node.Inputs[index], out OnnxTensor? constant)
            ? constant
            : throw Fail(node, $"input {index} is not a constant");

    /// <summary>An input that is a constant of floats.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public float[] Reals(OnnxNode node, int index) => Constant(node, index).Reals
        ?? throw Fail(
            node,
            $"input {index} ('{Brief.Name(node.Inputs[index])}') is not an array of floats");

    /// <summary>An input that is a constant of whole numbers.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public IReadOnlyList<long> Integers(OnnxNode node, int index) =>
        Constant(node, index).Integers
        ?? throw Fail(
            node,
            $"input {index} ('{Brief.Name(node.Inputs[index])}') is not an array of whole numbers");

    /// <summary>An input that is one float.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public float Real(OnnxNode node, int index) => Reals(node, index) is [var one, ..]
        ? one
        : throw Fail(node, $"input {index} has no value");

    /// <summary>An input that is one whole number.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public long Integer(OnnxNode node, int index) => Integers(node, index) is [var one, ..]
        ? one
        : throw Fail(node, $"input {index} has no value");

    /// <summary>Says what a node's first output is.</summary>
    public void Set(OnnxNode node, OnnxValue value) => _values[node.Outputs[0]] = value;

    /// <summary>Says what the graph's input is.</summary>
    public void SetInput(string name, int rank) => _values[name] = new(0, rank);

    /// <summary>Says what a node's first output is.</summary>
    public void Set(OnnxNode node, OnnxTensor constant) => _constants[node.Outputs[0]] = constant;

    /// <summary>The value of a name; null where it is a constant or nothing.</summary>
    public OnnxValue? Find(string name) =>
        _values.TryGetValue(name, out OnnxValue value) ? value : null;

    /// <summary>Adds a layer that makes a node's first output.</summary>
    /// <exception cref="InputException">Its inputs do not fit it.</exception>
    public void Add(OnnxNode node, FloatLayer layer, int rank)
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

        if (_layers.Count >= ArchitectureKeys.MostLayers)
            throw Fail(node, $"more than {ArchitectureKeys.MostLayers} layers");
        _layers.Add(layer);
        Set(node, new OnnxValue(_layers.Count, rank));
    }

    /// <summary>
    /// A layer's name: that of its weight without <c>.weight</c>, which is the module's in PyTorch;
    /// else the node's.
    /// </summary>
    public string Name(OnnxNode node)
    {
        string? weight = node
            .Inputs.Skip(1)
            .FirstOrDefault(i => i.EndsWith(".weight", StringComparison.Ordinal));
        string name =
            weight is not null ? weight[..^".weight".Length]
            : node.Name.Length > 0 ? node.Name.TrimStart('/')
            : node.Operator.ToLowerInvariant();
        string unique = name;
        while (!_names.TryAdd(unique, 1)) unique = $"{name}_{++_names[name]}";
        return unique;
    }

    /// <summary>
    /// A size as a file states it, in 64 bits: never cut to fewer, refused where it is out of
    /// bounds.
    /// </summary>
    /// <exception cref="InputException">It is.</exception>
    public int Size(OnnxNode node, string what, long value, int least = 1) =>
        value >= least && value <= Sizes.MostExtent
            ? (int)value
            : throw Fail(node, $"{what} {value} (supported: {least}..{Sizes.MostExtent})");

    /// <summary>What is wrong with a node.</summary>
    public InputException Fail(OnnxNode node, string why) =>
        new(InputError.InBinary(
            file, $"node '{Brief.Name(Label(node))}' ({Brief.Name(node.Operator)}): {why}"));

    private static string Label(OnnxNode node) =>
        node.Name.Length > 0 ? node.Name : node.Outputs.FirstOrDefault("?");
}
