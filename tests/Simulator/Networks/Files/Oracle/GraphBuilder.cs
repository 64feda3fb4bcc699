using System.Runtime.InteropServices;
using Google.Protobuf;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Tests.Networks.Files.Oracle;

/// <summary>Writes ONNX models node by node.</summary>
/// <param name="opset">Version of ONNX's operators.</param>
internal sealed class GraphBuilder(int opset)
{
    private readonly GraphProto _graph = new();
    private int _count;

    /// <summary>Version of ONNX's operators.</summary>
    public int Opset => opset;

    /// <summary>Constants in nodes of their own, not in the graph's list.</summary>
    public bool HasConstantNodes { get; init; }

    /// <summary>Every third of them.</summary>
    public bool MixesConstants { get; init; }

    /// <summary>Constants among the graph's inputs, as IR version 3 wants them.</summary>
    public bool ListsConstants { get; init; }

    /// <summary>A node's first output.</summary>
    public string Node(string type, string[] inputs, params AttributeProto[] attributes) =>
        Nodes(type, inputs, 1, attributes)[0];

    /// <summary>A node's outputs.</summary>
    public string[] Nodes(
        string type, string[] inputs, int outputs, params AttributeProto[] attributes)
    {
        string[] names = [.. Enumerable.Range(0, outputs).Select(_ => $"v{++_count}")];
        string[] parts = type.Split(':');
        _graph.Node.Add(new NodeProto
        {
            Name = $"{parts[^1].ToLowerInvariant()}_{_count}",
            OpType = parts[^1],
            Domain = parts.Length > 1 ? parts[0] : "",
            Input = { inputs },
            Output = { names },
            Attribute = { attributes },
        });
        return names;
    }

    /// <summary>Says in the file what shape a value has.</summary>
    /// <param name="name">The value.</param>
    /// <param name="extents">Numbers, and names of what is left open.</param>
    public string Declared(string name, params string[] extents)
    {
        ValueInfoProto value = Value(name, DataType.Float, []);
        foreach (string extent in extents)
            value.Type.TensorType.Shape.Dim.Add(long.TryParse(extent, out long number)
                ? new TensorShapeProto.Types.Dimension { DimValue = number }
                : new TensorShapeProto.Types.Dimension { DimParam = extent });
        _graph.ValueInfo.Add(value);
        return name;
    }

    /// <summary>A constant of floats.</summary>
    public string Reals(float[] values, params long[] shape) => Constant(new TensorProto
    {
        DataType = DataType.Float,
        Dims = { shape },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
    });

    /// <summary>One float.</summary>
    public string Real(float value) => Reals([value]);

    /// <summary>A constant of 64-bit whole numbers.</summary>
    public string Integers(params long[] values) => Constant(new TensorProto
    {
        DataType = DataType.Int64,
        Dims = { values.Length },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
    });

    /// <summary>One of them, by itself.</summary>
    public string Integer(long value) => Constant(new TensorProto
    {
        DataType = DataType.Int64,
        Int64Data = { value },
    });

    /// <summary>A constant of small whole numbers.</summary>
    public string Raw(DataType type, int[] values, params long[] shape) => Constant(new TensorProto
    {
        DataType = type,
        Dims = { shape },
        Int32Data = { values },
    });

    /// <summary>The model.</summary>
    /// <param name="type">Type of the input's elements.</param>
    /// <param name="input">Extents of the input; -1 for an open one.</param>
    /// <param name="output">What comes out.</param>
    /// <param name="outputType">Type of its elements.</param>
    public byte[] Build(
        DataType type, long[] input, string output, DataType outputType = DataType.Float)
    {
        _graph.Name = "test";
        _graph.Input.Insert(0, Value("x", type, input));
        _graph.Output.Add(Value(output, outputType, null));
        if (ListsConstants)
            foreach (TensorProto t in _graph.Initializer)
                _graph.Input.Add(Value(t.Name, t.DataType, [.. t.Dims]));
        return new ModelProto
        {
            IrVersion = ListsConstants ? 3 : 8,
            Graph = _graph,
            OpsetImport =
            {
                new OperatorSetIdProto { Version = opset },
                new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 },
            },
        }.ToByteArray();
    }

    /// <summary>A whole number.</summary>
    public static AttributeProto I(string name, long value) =>
        new() { Name = name, I = value, Type = 2 };

    /// <summary>A real number.</summary>
    public static AttributeProto F(string name, float value) =>
        new() { Name = name, F = value, Type = 1 };

    /// <summary>A word.</summary>
    public static AttributeProto S(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = 3 };

    /// <summary>Whole numbers.</summary>
    public static AttributeProto Is(string name, params long[] values) =>
        new() { Name = name, Ints = { values }, Type = 7 };

    /// <summary>One whole number as a tensor.</summary>
    public static AttributeProto Whole(string name, long value) => new()
    {
        Name = name,
        T = new TensorProto { DataType = DataType.Int64, Dims = { 1 }, Int64Data = { value } },
        Type = 4,
    };

    /// <summary>Real numbers.</summary>
    public static AttributeProto Fs(string name, params float[] values) =>
        new() { Name = name, Floats = { values }, Type = 6 };

    private string Constant(TensorProto tensor)
    {
        tensor.Name = $"c{++_count}";
        if (!HasConstantNodes && !(MixesConstants && _count % 3 == 0))
        {
            _graph.Initializer.Add(tensor);
            return tensor.Name;
        }

        return Node("Constant", [], new AttributeProto { Name = "value", T = tensor, Type = 4 });
    }

    private static ValueInfoProto Value(string name, DataType type, long[]? extents)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (extents is not null)
        {
            tensor.Shape = new();
            foreach (long e in extents)
            {
                var dimension = new TensorShapeProto.Types.Dimension();
                if (e >= 0) dimension.DimValue = e;
                else dimension.DimParam = "N";
                tensor.Shape.Dim.Add(dimension);
            }
        }

        return new() { Name = name, Type = new() { TensorType = tensor } };
    }
}
