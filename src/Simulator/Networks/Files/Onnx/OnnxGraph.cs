using QSim.Kernels.Datapath;
using QSim.Simulator.Quantization;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>A value of the graph that depends on the image.</summary>
/// <param name="Tensor">
/// The float network's tensor: 0 is the image, i + 1 the output of layer i. It holds the elements
/// in the order in which ONNX has them, whatever its shape is called.
/// </param>
/// <param name="Extents">Extents that ONNX gives it, for a batch of one.</param>
/// <param name="Padding">
/// Zeros around it that its extents count and its tensor does not hold yet: a convolution adds them
/// itself. Above, left, below, right; null for none.
/// </param>
internal readonly record struct OnnxValue(
    int Tensor, IReadOnlyList<long> Extents, IReadOnlyList<long>? Padding = null)
{
    /// <summary>Dimensions, the batch among them.</summary>
    public int Rank => Extents.Count;
}

/// <summary>A graph on its way to layers: what each name stands for so far.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="model">What it says.</param>
/// <param name="input">Shape of one image.</param>
internal sealed partial class OnnxGraph(string file, OnnxModel model, TensorShape input)
{
    private readonly Dictionary<string, OnnxValue> _values = [];
    private readonly Dictionary<string, OnnxTensor> _constants = new(model.Constants);
    private readonly Dictionary<string, FakeQuantizer> _raw = [];
    private readonly Dictionary<string, DynamicValue> _dynamic = [];
    private readonly HashSet<string> _broken = [];
    private readonly HashSet<string> _logits = [];
    private readonly HashSet<string> _batchSecond = [];
    private readonly HashSet<string> _factored = [];
    private readonly HashSet<string> _taken = [];
    private KnownShapes? _known;
    private HashSet<string>? _given;
    private readonly HashSet<string> _read =
        [.. model.Nodes.SelectMany(n => n.Inputs), .. model.Outputs];

    /// <summary>The names of the graph's outputs.</summary>
    public IReadOnlyList<string> Outputs => model.Outputs;

    /// <summary>The name of the output that is the network's.</summary>
    public string Output => model.Outputs[0];

    /// <summary>Version of ONNX's own operators.</summary>
    public long Opset => model.Opset;

    /// <summary>The batch that the graph's input was exported with; null where it is open.
    /// </summary>
    public long? Batch { get; set; }

    /// <summary>That batch; 1 where it is open.</summary>
    public long DeclaredBatch => Batch ?? 1;

    /// <summary>What ONNX Runtime knows of values' shapes.</summary>
    public KnownShapes Shapes => _known ??= new(model, Extents, ConstantOf);

    public IReadOnlyList<OnnxNode> Nodes => model.Nodes;

    /// <summary>
    /// Whether it was quantized dynamically: what stands between its layers is then computed in
    /// float32, in the very order of ONNX Runtime.
    /// </summary>
    public bool IsDynamic { get; } =
        model.Nodes.Any(n => n.Operator == "DynamicQuantizeLinear");

    /// <summary>
    /// Whether it was quantized, so that what has no integers is computed in float32.
    /// </summary>
    public bool HasNumbers { get; } = model.Nodes.Any(n => n.Operator
        is "DynamicQuantizeLinear" or "QuantizeLinear" or "com.microsoft.QuantizeLinear");

    /// <summary>A constant of a name; null where there is none.</summary>
    public OnnxTensor? ConstantOf(string name) => _constants.GetValueOrDefault(name);

    /// <summary>Whether some node reads a name, or it is an output of the graph.</summary>
    public bool IsRead(string name) => name.Length > 0 && _read.Contains(name);

    /// <summary>A name for what the file does not have, from one that it has.</summary>
    public string Unused(string name)
    {
        _given ??= [
            .. model.Inputs.Select(i => i.Name), .. model.Constants.Keys,
            .. model.Nodes.SelectMany(n => n.Inputs.Concat(n.Outputs)),
        ];
        while (!_given.Add(name)) name += "'";
        return name;
    }

    /// <summary>Whether an input of a node is a constant.</summary>
    public bool IsConstant(OnnxNode node, int index) =>
        index < node.Inputs.Count && _constants.ContainsKey(node.Inputs[index]);

    /// <summary>Whether a node has an input, constant or not.</summary>
    public static bool Has(OnnxNode node, int index) =>
        index < node.Inputs.Count && node.Inputs[index].Length > 0;

    /// <summary>Whether a node reads what a node that was refused would have made.</summary>
    public bool IsBroken(OnnxNode node) => node.Inputs.Any(_broken.Contains);

    /// <summary>Remembers that a node was refused: what reads it is not refused again.</summary>
    public void Break(OnnxNode node) => _broken.UnionWith(node.Outputs);

    /// <summary>An input that depends on the image, its padding added.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public OnnxValue Value(OnnxNode node, int index)
    {
        OnnxValue value = MaybePadded(node, index);
        return value.Padding is null ? value : PadOperator.Materialize(this, node, value);
    }

    /// <summary>An input that depends on the image, padded or not.</summary>
    /// <exception cref="InputException">It does not.</exception>
    public OnnxValue MaybePadded(OnnxNode node, int index) =>
        Has(node, index) && _values.TryGetValue(node.Inputs[index], out OnnxValue value)
            ? value
            : throw (
                IsConstant(node, index)
                    ? Fail(
                        node,
                        $"input {index} is a constant, where something that depends on the image "
                            + "is needed")
                : Has(node, index) && MakerOf(node.Inputs[index]) is not null ? Later(node, index)
                : Fail(node, $"input {index} is not there"));

    /// <summary>Extents of what depends on the image; null of what does not.</summary>
    public IReadOnlyList<long>? Extents(string name) =>
        _values.TryGetValue(name, out OnnxValue value) ? value.Extents : null;

    /// <summary>An input that is a constant.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public OnnxTensor Constant(OnnxNode node, int index) =>
        !Has(node, index) || !_constants.TryGetValue(node.Inputs[index], out OnnxTensor? constant)
            ? throw Fail(node, $"input {index} is not a constant")
        : constant is { Reals: null, Integers: null }
            ? throw Fail(node, $"input {index} is neither of floats nor of whole numbers")
        : constant;

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

    /// <summary>Whole numbers of an input or, in older versions, an attribute.</summary>
    public IReadOnlyList<long>? Integers(OnnxNode node, int index, string attribute) =>
        Has(node, index) ? Integers(node, index) : node.Integers(attribute);

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

    /// <summary>Says what an output of a node is.</summary>
    public void Set(OnnxNode node, OnnxValue value, int output = 0) =>
        _values[node.Outputs[output]] = value;

    /// <summary>Says that an output of a node is a layer's feature maps.</summary>
    /// <param name="node">The node.</param>
    /// <param name="tensor">What the layer writes.</param>
    /// <param name="rank">3 where maps are [batch, channels, length]; else they have rows.</param>
    public void SetMaps(OnnxNode node, int tensor, int rank)
    {
        TensorShape shape = Shape(new(tensor, []));
        Set(node, new OnnxValue(tensor, rank == 3
            ? [1, shape.Channels, shape.Columns]
            : [1, shape.Channels, shape.Rows, shape.Columns]));
    }

    /// <summary>Says that a value stands for raw values, and what these mean.</summary>
    public void SetRaw(string name, FakeQuantizer quantizer) => _raw[name] = quantizer;

    /// <summary>What the raw values of a name mean; null where it has none.</summary>
    public FakeQuantizer? Raw(string name) => _raw.GetValueOrDefault(name);

    /// <summary>Says that a name has a meaning only with a scale found in each image.</summary>
    public void SetDynamic(string name, DynamicValue value) => _dynamic[name] = value;

    /// <summary>What that is; null of other names.</summary>
    public DynamicValue? Dynamic(string name) => _dynamic.GetValueOrDefault(name);

    /// <summary>
    /// Says that a name holds logits where the graph has probabilities: scales behind it are of
    /// those, and nothing is quantized by them.
    /// </summary>
    public void SetLogits(string name) => _logits.Add(name);

    /// <summary>Says that a node's factor became one of the sums that it multiplies.</summary>
    public void SetFactored(string name) => _factored.Add(name);

    /// <summary>Whether it did.</summary>
    public bool IsFactored(string name) => _factored.Contains(name);

    /// <summary>Says that a node became part of one before it, which makes its output.</summary>
    public void SetTaken(OnnxNode node) => _taken.Add(node.Outputs[0]);

    /// <summary>Whether it did.</summary>
    public bool IsTaken(OnnxNode node) => _taken.Contains(node.Outputs[0]);

    /// <summary>Says that the batch of a value is its second axis.</summary>
    public void SetBatchSecond(string name) => _batchSecond.Add(name);

    /// <summary>Whether the batch of a value is its second axis.</summary>
    public bool IsBatchSecond(string name) => _batchSecond.Contains(name);

    /// <summary>Whether a node reads logits where the graph has probabilities.</summary>
    public bool IsLogits(OnnxNode node) => node.Inputs.Any(_logits.Contains);

    /// <summary>Says what the graph's input is.</summary>
    public void SetInput(string name, OnnxValue value) => _values[name] = value;

    /// <summary>Says what an output of a node is.</summary>
    public void Set(OnnxNode node, OnnxTensor constant, int output = 0) =>
        _constants[node.Outputs[output]] = constant;

    /// <summary>The value of a name; null where it is a constant or nothing.</summary>
    public OnnxValue? Find(string name) =>
        _values.TryGetValue(name, out OnnxValue value) ? value : null;

    /// <summary>
    /// An axis as a file states it, counted from the first.
    /// </summary>
    /// <exception cref="InputException">There is no such axis.</exception>
    public int Axis(OnnxNode node, long axis, int rank) =>
        axis >= -rank && axis < rank
            ? (int)(axis < 0 ? axis + rank : axis)
            : throw Fail(node, $"axis {axis} (supported: {-rank}..{rank - 1})");

    /// <summary>
    /// A size as a file states it, in 64 bits: never cut to fewer, refused where it is out of
    /// bounds.
    /// </summary>
    /// <exception cref="InputException">It is.</exception>
    public int Size(OnnxNode node, string what, long value, int least = 1) =>
        value >= least && value <= Sizes.MostExtent
            ? (int)value
            : throw Fail(node, $"{what} {value} (supported: {least}..{Sizes.MostExtent})");

    /// <summary>A type of elements as a file states it, in 64 bits; none where it does not.
    /// </summary>
    /// <exception cref="InputException">There is no such type.</exception>
    public DataType Type(OnnxNode node, string attribute) =>
        node.Integer(attribute, 0) is var stated && stated == (int)stated
            ? (DataType)stated
            : throw Fail(node, $"its {attribute} {stated} is not a type of elements");

    /// <summary>What is wrong with a node.</summary>
    public InputException Fail(OnnxNode node, string why) =>
        new(InputError.InBinary(
            file, $"node '{Brief.Name(Label(node))}' ({Brief.Name(node.Operator)}): {why}"));

    /// <summary>What a node is called in messages: without a name by what it makes.</summary>
    public static string Label(string name, IEnumerable<string> outputs) =>
        name.Length > 0 ? name : outputs.FirstOrDefault("?");

    private static string Label(OnnxNode node) => Label(node.Name, node.Outputs);
}
