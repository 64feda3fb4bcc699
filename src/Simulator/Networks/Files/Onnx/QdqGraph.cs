using System.Runtime.InteropServices;
using Google.Protobuf;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks.Files.Onnx.Schema;
using static QSim.Simulator.Networks.Files.Onnx.Schema.TensorProto.Types;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>What a DynamicQuantizeLinear makes, by name.</summary>
/// <param name="Raw">Integers of 0..255.</param>
/// <param name="Scale">Their scale.</param>
/// <param name="ZeroPoint">Their zero point.</param>
internal sealed record DynamicIntegers(string Raw, string Scale, string ZeroPoint);

/// <summary>Puts an ONNX graph together node by node.</summary>
/// <param name="isNew">Whether it has to be of the newer opset.</param>
/// <param name="keepsWindows">
/// Whether of the last one whose AveragePool sums down columns: integers of 16 and 4 bits are then
/// between quantizers of ONNX Runtime's own.
/// </param>
internal sealed class QdqGraph(bool isNew = false, bool keepsWindows = false)
{
    private const int Older = 13;
    private const int OfWindows = 18;
    private const int Newer = 21;
    private const string Microsoft = "com.microsoft";

    private readonly GraphProto _graph = new();
    private readonly HashSet<string> _once = [];
    private readonly HashSet<string> _wide = [];
    private bool _isNew = isNew;
    private int _qonnx;
    private bool _hasMicrosofts;

    /// <summary>Whether it is of the newer opset.</summary>
    public bool IsNew => _isNew;

    /// <summary>Whether it has an operator that the opset with those windows has not.</summary>
    public bool IsNewest { get; private set; }

    /// <summary>A node that several others need, added when it is first asked for.</summary>
    public string Once(string name, Func<string, string> add) =>
        _once.Add(name) ? add(name) : name;

    /// <summary>Integers with a scale of each image.</summary>
    public DynamicIntegers Dynamic(string value, string name)
    {
        Node("DynamicQuantizeLinear", $"{name}/raw", [value]);
        _graph.Node[^1].Output.Add([$"{name}/scale", $"{name}/zero_point"]);
        return new($"{name}/raw", $"{name}/scale", $"{name}/zero_point");
    }

    /// <summary>A node that writes what it is called.</summary>
    public string Node(
        string type, string name, IEnumerable<string> inputs, params AttributeProto[] attributes)
    {
        _isNew |= QdqFunctions.IsNew(type);
        IsNewest |= type == "Gelu";
        return Add("", type, name, inputs, attributes);
    }

    /// <summary>The same of ONNX Runtime's own operators.</summary>
    public string Microsofts(
        string type, string name, IEnumerable<string> inputs, params AttributeProto[] attributes)
    {
        _hasMicrosofts = true;
        return Add(Microsoft, type, name, inputs, attributes);
    }

    /// <summary>The same of QONNX's operators.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="version">Its version.</param>
    /// <param name="name">What it writes.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">Its attributes.</param>
    public string Qonnx(
        string type, int version, string name, IEnumerable<string> inputs,
        params AttributeProto[] attributes)
    {
        _qonnx = Math.Max(_qonnx, version);
        return Add(QonnxUnits.Domain, type, name, inputs, attributes);
    }

    /// <summary>Real values to raw ones and back.</summary>
    /// <param name="value">The real values.</param>
    /// <param name="name">What they become.</param>
    /// <param name="type">The format; its scale is not used.</param>
    /// <param name="scale">One raw step.</param>
    /// <param name="isNarrow">Whether four bits are to be no more in ONNX.</param>
    public string Quantized(
        string value, string name, TensorType type, double scale, bool isNarrow = false)
    {
        string[] how =
        [
            Reals($"{name}/scale", [(float)scale]),
            isNarrow && type.Bits == 4
                ? FourBits($"{name}/zero_point", type.ZeroPoint, type.IsSigned)
                : Raw($"{name}/zero_point", [type.ZeroPoint], type.Bits, type.IsSigned),
        ];
        string raw = Cast("QuantizeLinear", $"{name}/raw", [value, .. how]);
        return Cast("DequantizeLinear", name, [raw, .. how]);
    }

    /// <summary>ONNX's operator, or ONNX Runtime's own of types that this has not yet.</summary>
    private string Cast(
        string type, string name, string[] inputs, params AttributeProto[] attributes) =>
        keepsWindows && inputs.Any(_wide.Contains)
            ? Microsofts(type, name, inputs, attributes)
            : Node(type, name, inputs, attributes);

    /// <summary>A constant of raw values, and the real ones that they stand for.</summary>
    /// <param name="name">Of the real values.</param>
    /// <param name="raw">The raw values.</param>
    /// <param name="scales">One per element of an axis; equal ones become one.</param>
    /// <param name="type">
    /// Of zero points, without which ONNX Runtime makes no integers of a Gemm's weights; null
    /// for none.
    /// </param>
    /// <param name="axis">The axis that has scales.</param>
    /// <param name="zeros">Zero points, one or as many; null for zeros.</param>
    public string Dequantized(
        string name, string raw, float[] scales, (int Bits, bool IsSigned)? type = null,
        int axis = 0, IReadOnlyList<int>? zeros = null)
    {
        int[] own = [.. zeros ?? [0]];
        float[] few = scales.Distinct().Count() == 1 && own.Length == 1 ? [scales[0]] : scales;
        if (own.Length == 1) own = [.. few.Select(_ => own[0])];
        string scale = few.Length == 1
            ? Reals($"{name}/scale", few)
            : Reals($"{name}/scale", few, few.Length);
        string[] inputs = [raw, scale];
        if (type is var (bits, isSigned))
            inputs =
            [
                .. inputs,
                Raw(
                    $"{name}/zero_point", [.. own.Select(z => (long)z)], bits, isSigned,
                    few.Length == 1 ? [] : [few.Length]),
            ];
        return few.Length == 1
            ? Cast("DequantizeLinear", name, inputs)
            : Cast("DequantizeLinear", name, inputs, I("axis", axis));
    }

    /// <summary>A constant of float32.</summary>
    public string Reals(string name, float[] values, params long[] shape) => Constant(new()
    {
        Name = name,
        DataType = DataType.Float,
        Dims = { shape },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
    });

    /// <summary>A constant of 64-bit whole numbers.</summary>
    public string Integers(string name, params long[] values) => Constant(new()
    {
        Name = name,
        DataType = DataType.Int64,
        Dims = { values.Length },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
    });

    /// <summary>A constant of raw values, in the narrowest type that holds their bits.</summary>
    public string Raw(
        string name, IReadOnlyList<long> values, int bits, bool isSigned, params long[] shape)
    {
        (DataType type, int bytes) = (bits, isSigned) switch
        {
            ( <= 8, true) => (DataType.Int8, 1),
            ( <= 8, false) => (DataType.Uint8, 1),
            ( <= 16, true) => (DataType.Int16, 2),
            ( <= 16, false) => (DataType.Uint16, 2),
            _ => (DataType.Int32, 4),
        };
        _isNew |= bytes == 2;
        if (bytes == 2) _wide.Add(name);
        byte[] data = new byte[Sizes.Weights(values.Count, bytes)];
        for (int i = 0; i < values.Count; i++)
            for (int b = 0; b < bytes; b++) data[(i * bytes) + b] = (byte)(values[i] >> (8 * b));
        return Constant(new()
        {
            Name = name,
            DataType = type,
            Dims = { shape },
            RawData = ByteString.CopyFrom(data),
        });
    }

    /// <summary>One raw value of a type of four bits, in the low half of a byte.</summary>
    private string FourBits(string name, int value, bool isSigned)
    {
        _isNew = true;
        _wide.Add(name);
        return Constant(new()
        {
            Name = name,
            DataType = isSigned ? DataType.Int4 : DataType.Uint4,
            RawData = ByteString.CopyFrom((byte)(value & 15)),
        });
    }

    /// <summary>The model.</summary>
    /// <param name="name">The network's.</param>
    /// <param name="input">Extents of one image.</param>
    /// <param name="output">Its logits.</param>
    /// <param name="classes">How many.</param>
    public byte[] Build(string name, long[] input, string output, int classes)
    {
        _graph.Name = name;
        _graph.Input.Add(Value("input", input));
        _graph.Output.Add(Value(output, [classes]));
        var model = new ModelProto
        {
            IrVersion = _isNew ? 10 : 8,
            Graph = _graph,
            OpsetImport =
            {
                new OperatorSetIdProto
                {
                    Version = keepsWindows ? OfWindows : _isNew ? Newer : Older,
                },
            },
        };
        if (_qonnx > 0)
            model.OpsetImport.Add(new OperatorSetIdProto
            {
                Domain = QonnxUnits.Domain,
                Version = _qonnx,
            });
        if (_hasMicrosofts)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = Microsoft, Version = 1 });
        return model.ToByteArray();
    }

    /// <summary>A whole number.</summary>
    public static AttributeProto I(string name, long value) =>
        new() { Name = name, I = value, Type = 2 };

    /// <summary>A real number.</summary>
    public static AttributeProto F(string name, double value) =>
        new() { Name = name, F = (float)value, Type = 1 };

    /// <summary>A word.</summary>
    public static AttributeProto S(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = 3 };

    /// <summary>Whole numbers.</summary>
    public static AttributeProto Is(string name, params long[] values) =>
        new() { Name = name, Ints = { values }, Type = 7 };

    private string Add(
        string domain, string type, string name, IEnumerable<string> inputs,
        params AttributeProto[] attributes)
    {
        _graph.Node.Add(new NodeProto
        {
            Name = name,
            OpType = type,
            Domain = domain,
            Input = { inputs },
            Output = { name },
            Attribute = { attributes },
        });
        return name;
    }

    private string Constant(TensorProto tensor)
    {
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static ValueInfoProto Value(string name, long[] extents)
    {
        var shape = new TensorShapeProto
        {
            Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" } },
        };
        foreach (long extent in extents)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new()
        {
            Name = name,
            Type = new()
            {
                TensorType = new() { ElemType = (int)DataType.Float, Shape = shape },
            },
        };
    }
}
