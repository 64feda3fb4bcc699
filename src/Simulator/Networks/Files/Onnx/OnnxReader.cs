using Google.Protobuf;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>An ONNX file as <c>Onnx.proto</c> describes it.</summary>
internal sealed class OnnxReader
{
    /// <summary>What the schema does not name is not kept either.</summary>
    private static readonly MessageParser<ModelProto> Parser =
        ModelProto.Parser.WithDiscardUnknownFields(true);

    private readonly ModelFolder? _folder;

    private OnnxReader(ModelFolder? folder) => _folder = folder;

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="folder">Where constants in other files lie; null where there are none.</param>
    /// <exception cref="InvalidDataException">They are no ONNX model.</exception>
    public static OnnxModel Read(byte[] file, ModelFolder? folder = null)
    {
        try
        {
            ModelProto model = Parser.ParseFrom(file);
            return model.Graph is { Node.Count: > 0 }
                ? new OnnxReader(folder).Model(model)
                : throw new InvalidDataException("it has no graph");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("it is not one, or is cut short", e);
        }
    }

    private OnnxModel Model(ModelProto model)
    {
        GraphProto graph = model.Graph;
        if (graph.SparseInitializer.Count > 0)
            throw new InvalidDataException("sparse initializers are not supported");
        if (model.Functions.Count > 0)
            throw new InvalidDataException(
                "it has functions of its own, which are not supported (export with them inlined)");
        IEnumerable<string> constants = graph.Initializer.Select(i => i.Name);
        string? twice = Twice(
        [
            .. constants, .. graph.Input.Select(i => i.Name).Except(constants),
            .. graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0),
        ]);
        if (twice is not null)
            throw new InvalidDataException(
                $"two of its values are called '{Brief.Name(twice)}' (supported: each name once)");
        OperatorSetIdProto? own =
            model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx");
        return new(
            [.. graph.Node.Select(Node)],
            graph.Initializer.ToDictionary(i => i.Name, Tensor),
            [.. graph.Input.Select(Value)], [.. graph.Output.Select(o => o.Name)])
        {
            IrVersion = model.IrVersion,
            Opset = own?.Version ?? OnnxModel.NewestOpset,
            Beside = _folder?.Files ?? [],
            Declared = Declared([.. graph.Input, .. graph.ValueInfo, .. graph.Output]),
        };
    }

    private OnnxTensor Tensor(TensorProto tensor) =>
        OnnxTensorReader.Read(tensor, _folder is null ? null : _folder.Read);

    private OnnxNode Node(NodeProto node)
    {
        string label = $"node '{Brief.Name(OnnxGraph.Label(node.Name, node.Output))}' "
            + $"({Brief.Name(node.OpType)})";
        if (node.Output.Count == 0) throw new InvalidDataException($"{label} has no output");
        if (Twice([.. node.Attribute.Select(a => a.Name)]) is { } twice)
            throw new InvalidDataException(
                $"{label} has its attribute '{Brief.Name(twice)}' twice");
        return new(
            node.Name, QonnxRules.Named(node.Domain, node.OpType), node.Input, node.Output,
            node.Attribute.ToDictionary(a => a.Name, Attribute));
    }

    /// <summary>A name that is there before; null where each is there once.</summary>
    private static string? Twice(string[] names)
    {
        HashSet<string> seen = [];
        return names.FirstOrDefault(n => !seen.Add(n));
    }

    private OnnxAttribute Attribute(AttributeProto attribute) => new(
        attribute.Name, attribute.I, attribute.F, attribute.S.ToStringUtf8(), attribute.Ints,
        attribute.T is { } tensor ? Tensor(tensor) : null)
    {
        Reals = attribute.Floats,
        IsOther = attribute.G is not null || attribute.Strings.Count > 0
            || attribute.RefAttrName.Length > 0,
    };

    /// <summary>Shapes by name, of values that are given one.</summary>
    private static Dictionary<string, IReadOnlyList<KnownExtent>> Declared(
        IEnumerable<ValueInfoProto> values)
    {
        Dictionary<string, IReadOnlyList<KnownExtent>> shapes = [];
        foreach (ValueInfoProto value in values)
            if (value.Type?.TensorType?.Shape is { } shape)
                shapes.TryAdd(value.Name, [.. shape.Dim.Select(d => d.HasDimValue
                    ? new KnownExtent(d.DimValue)
                    : KnownExtent.None with { Symbol = d.DimParam })]);
        return shapes;
    }

    private static OnnxInput Value(ValueInfoProto value) => new(
        value.Name,
        [
            .. from dimension in value.Type?.TensorType?.Shape?.Dim ?? []
               select dimension.DimValue > 0 ? dimension.DimValue : (long?)null,
        ])
    {
        Type = (DataType)(value.Type?.TensorType?.ElemType ?? 0) is var type
            && type != DataType.Undefined ? type : DataType.Float,
    };
}
