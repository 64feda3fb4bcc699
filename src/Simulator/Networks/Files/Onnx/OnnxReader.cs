using Google.Protobuf;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>
/// ONNX's messages, as far as inference of a classifier needs them; field numbers are those of
/// onnx.proto (ONNX IR versions 3 to 10).
/// </summary>
internal static class OnnxReader
{
    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="InvalidDataException">They are no ONNX model.</exception>
    public static OnnxModel Read(byte[] file)
    {
        try
        {
            var graphs = new List<OnnxModel>();
            Wire.Read(
                UnsafeByteOperations.UnsafeWrap(file),
                f => f.Number == 7 && f.Message(graphs, Graph));
            return graphs is [{ Nodes.Count: > 0 } graph]
                ? graph
                : throw new InvalidDataException("it has no graph");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException(e.Message);
        }
    }

    private static OnnxModel Graph(ByteString message)
    {
        var nodes = new List<OnnxNode>();
        var constants = new List<OnnxTensor>();
        var inputs = new List<OnnxInput>();
        var outputs = new List<OnnxInput>();
        Wire.Read(message, f => f.Number switch
        {
            1 => f.Message(nodes, Node),
            5 => f.Message(constants, OnnxTensorReader.Read),
            11 => f.Message(inputs, Value),
            12 => f.Message(outputs, Value),
            15 => throw new InvalidDataException("sparse initializers are not supported"),
            _ => false,
        });
        return new(
            nodes, constants.DistinctBy(c => c.Name).ToDictionary(c => c.Name), inputs,
            [.. outputs.Select(o => o.Name)]);
    }

    private static OnnxNode Node(ByteString message)
    {
        List<string> inputs = [], outputs = [], names = [], operators = [], domains = [];
        var attributes = new List<OnnxAttribute>();
        Wire.Read(message, f => f.Number switch
        {
            1 => f.AddTo(inputs),
            2 => f.AddTo(outputs),
            3 => f.AddTo(names),
            4 => f.AddTo(operators),
            5 => f.Message(attributes, Attribute),
            7 => f.AddTo(domains),
            _ => false,
        });
        string domain = domains.LastOrDefault("");
        string prefix = domain is "" or "ai.onnx" ? "" : domain + ".";
        return new(
            names.LastOrDefault(""), prefix + operators.LastOrDefault(""), inputs, outputs,
            attributes.DistinctBy(a => a.Name).ToDictionary(a => a.Name));
    }

    private static OnnxAttribute Attribute(ByteString message)
    {
        (string name, long integer, float real, string text) = ("", 0, 0, "");
        var integers = new List<long>();
        var tensors = new List<OnnxTensor>();
        Wire.Read(message, f =>
        {
            switch (f.Number)
            {
                case 1: name = f.Input.ReadString(); return true;
                case 2: real = f.Input.ReadFloat(); return true;
                case 3: integer = f.Input.ReadInt64(); return true;
                case 4: text = f.Input.ReadBytes().ToStringUtf8(); return true;
                case 5: return f.Message(tensors, OnnxTensorReader.Read);
                case 8: return f.AddTo(integers);
                default: return false;
            }
        });
        return new(name, integer, real, text, integers, tensors.LastOrDefault());
    }

    private static OnnxInput Value(ByteString message)
    {
        string name = "";
        var dimensions = new List<long?>();
        Wire.Read(
            message,
            f =>
            {
                if (f.Number == 1)
                    name = f.Input.ReadString();
                else if (f.Number == 2)
                    Wire.Read(
                        f.Input.ReadBytes(),
                        type => type.Number == 1 && TensorType(type, dimensions));
                else
                    return false;
                return true;
            });
        return new(name, dimensions);
    }

    private static bool TensorType(Wire.Field type, List<long?> dimensions)
    {
        Wire.Read(
            type.Input.ReadBytes(),
            tensor =>
            {
                if (tensor.Number != 2)
                    return false;
                Wire.Read(
                    tensor.Input.ReadBytes(),
                    shape => shape.Number == 1 && shape.Message(dimensions, Dimension));
                return true;
            });
        return true;
    }

    private static long? Dimension(ByteString message)
    {
        var values = new List<long>();
        Wire.Read(message, f => f.Number == 1 && f.AddTo(values));
        return values is [> 0 and var value] ? value : null;
    }
}
