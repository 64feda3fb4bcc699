using Google.Protobuf;
using QSim.Simulator.Networks.Files.Onnx.Schema;

namespace QSim.Simulator.Networks.Files.Onnx;

/// <summary>An ONNX file as <c>Onnx.proto</c> describes it.</summary>
internal static class OnnxReader
{
    /// <summary>What the schema does not name is not kept either.</summary>
    private static readonly MessageParser<ModelProto> Parser =
        ModelProto.Parser.WithDiscardUnknownFields(true);

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="InvalidDataException">They are no ONNX model.</exception>
    public static OnnxModel Read(byte[] file)
    {
        try
        {
            return Parser.ParseFrom(file).Graph is { Node.Count: > 0 } graph
                ? Model(graph)
                : throw new InvalidDataException("it has no graph");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException(e.Message);
        }
    }

    private static OnnxModel Model(GraphProto graph) =>
        graph.SparseInitializer.Count == 0
            ? new(
                [.. graph.Node.Select(Node)],
                graph.Initializer.DistinctBy(i => i.Name)
                    .ToDictionary(i => i.Name, OnnxTensorReader.Read),
                [.. graph.Input.Select(Value)], [.. graph.Output.Select(o => o.Name)])
            : throw new InvalidDataException("sparse initializers are not supported");

    private static OnnxNode Node(NodeProto node) => new(
        node.Name, (node.Domain is "" or "ai.onnx" ? "" : node.Domain + ".") + node.OpType,
        node.Input, node.Output,
        node.Attribute.DistinctBy(a => a.Name).ToDictionary(a => a.Name, Attribute));

    private static OnnxAttribute Attribute(AttributeProto attribute) => new(
        attribute.Name, attribute.I, attribute.F, attribute.S.ToStringUtf8(), attribute.Ints,
        attribute.T is { } tensor ? OnnxTensorReader.Read(tensor) : null);

    private static OnnxInput Value(ValueInfoProto value) => new(
        value.Name,
        [
            .. from dimension in value.Type?.TensorType?.Shape?.Dim ?? []
               select dimension.DimValue > 0 ? dimension.DimValue : (long?)null,
        ]);
}
