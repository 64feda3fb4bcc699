using QSim.Kernels.Datapath;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>What QSim reads of an ONNX file.</summary>
/// <param name="Nodes">In an order in which each comes after those it reads.</param>
/// <param name="Constants">The graph's initializers by name.</param>
/// <param name="Inputs">
/// The graph's inputs, initializers among them where the file lists them.
/// </param>
/// <param name="Outputs">Names of the graph's outputs.</param>
internal sealed record OnnxModel(
    IReadOnlyList<OnnxNode> Nodes, IReadOnlyDictionary<string, OnnxTensor> Constants,
    IReadOnlyList<OnnxInput> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>The oldest version of ONNX's operators that is read.</summary>
    public const long OldestOpset = 7;

    /// <summary>The newest version of ONNX's operators that is read.</summary>
    public const long NewestOpset = 23;

    private const long SinceVersion = 4;

    /// <summary>Version of the format.</summary>
    public long IrVersion { get; init; }

    /// <summary>
    /// Constants that are inputs of the graph, too: since version 4 of the format a caller of ONNX
    /// Runtime may give others. None of QONNX, which it does not run.
    /// </summary>
    public IReadOnlyList<string> Replaceable =>
        IrVersion < SinceVersion || Nodes.Any(n => QonnxRules.Has(n.Operator))
        ? []
        : [.. Inputs.Select(i => i.Name).Where(Constants.ContainsKey)];

    /// <summary>Version of ONNX's own operators.</summary>
    public long Opset { get; init; } = NewestOpset;

    /// <summary>What the file says of values' shapes, the graph's input among them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<KnownExtent>> Declared { get; init; } =
        new Dictionary<string, IReadOnlyList<KnownExtent>>();

    /// <summary>Files beside the model that held constants: path and content.</summary>
    public IReadOnlyList<(string Path, byte[] Content)> Beside { get; init; } = [];
}

/// <summary>An input of the graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">Extents; null where one is not fixed.</param>
internal sealed record OnnxInput(string Name, IReadOnlyList<long?> Dimensions)
{
    /// <summary>Type of its elements.</summary>
    public DataType Type { get; init; } = DataType.Float;
}

/// <summary>One node.</summary>
/// <param name="Name">Its name; empty where the file gives none.</param>
/// <param name="Operator">
/// As in <c>Conv</c>; with its domain in front where that is not ONNX's own.
/// </param>
/// <param name="Inputs">Names of values; empty for an input that is left out.</param>
/// <param name="Outputs">Names of values.</param>
/// <param name="Attributes">By name.</param>
internal sealed record OnnxNode(
    string Name, string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs,
    IReadOnlyDictionary<string, OnnxAttribute> Attributes)
{
    /// <summary>Whether it quantizes what another quantized so, and values were moved since.
    /// </summary>
    public bool IsAgain { get; init; }

    /// <summary>The output of the QuantizeLinear that it is a copy of; null of the file's own.
    /// </summary>
    public string? CopyOf { get; init; }

    /// <summary>A whole number, or what an absent one stands for.</summary>
    public long Integer(string name, long fallback) =>
        Attributes.TryGetValue(name, out var a) ? a.Integer : fallback;

    /// <summary>A real number, or what an absent one stands for.</summary>
    public float Real(string name, float fallback) =>
        Attributes.TryGetValue(name, out var a) ? a.Real : fallback;

    /// <summary>Whole numbers; null where absent.</summary>
    public IReadOnlyList<long>? Integers(string name) =>
        Attributes.GetValueOrDefault(name)?.Integers;

    /// <summary>Real numbers; null where absent.</summary>
    public IReadOnlyList<float>? Reals(string name) =>
        Attributes.GetValueOrDefault(name)?.Reals;

    /// <summary>Text, or what an absent one stands for.</summary>
    public string Text(string name, string fallback) =>
        Attributes.TryGetValue(name, out var a) ? a.Text : fallback;
}

/// <summary>An attribute of a node: whichever of these it is.</summary>
internal sealed record OnnxAttribute(
    string Name, long Integer, float Real, string Text, IReadOnlyList<long> Integers,
    OnnxTensor? Tensor)
{
    /// <summary>Real numbers.</summary>
    public IReadOnlyList<float> Reals { get; init; } = [];

    /// <summary>Whether it is something that no supported operator has: a graph, texts.</summary>
    public bool IsOther { get; init; }
}

/// <summary>An array of constants.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Extents; empty for a scalar.</param>
/// <param name="Reals">The elements of a float array, else null.</param>
/// <param name="Integers">The elements of an array of whole numbers, else null.</param>
internal sealed record OnnxTensor(
    string Name, IReadOnlyList<long> Shape, float[]? Reals, IReadOnlyList<long>? Integers)
{
    /// <summary>Type of the elements in the file.</summary>
    public DataType Type { get; init; } = Reals is null ? DataType.Int64 : DataType.Float;

    /// <summary>The integers that its real numbers stand for, where they were quantized.</summary>
    public RawConstant? Raw { get; init; }

    /// <summary>As <c>(6, 1, 5, 5)</c>.</summary>
    public string ShapeText => $"({Brief.List(Shape)})";

    /// <summary>Elements.</summary>
    public int Length => Reals?.Length ?? Integers?.Count ?? 0;

    /// <summary>
    /// Elements that a shape says; -1 where they are too many, or a size is negative.
    /// </summary>
    public static long CountOf(IReadOnlyList<long> shape) =>
        Sizes.Product(Sizes.MostWeights, [.. shape]) ?? -1;

    /// <summary>The same elements elsewhere; an index says which of them.</summary>
    public OnnxTensor Picked(IReadOnlyList<long> shape, IReadOnlyList<int> indices) => this with
    {
        Name = "",
        Raw = null,
        Shape = shape,
        Reals = Reals is null ? null : [.. indices.Select(i => Reals[i])],
        Integers = Integers is null ? null : [.. indices.Select(i => Integers[i])],
    };
}
