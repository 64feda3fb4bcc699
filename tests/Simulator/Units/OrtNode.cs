using System.Text;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace QSim.Simulator.Tests.Units;

/// <summary>One operator as ONNX Runtime computes it on this machine's CPU.</summary>
internal static class OrtNode
{
    private const int Float = 1, UInt8 = 2, Int8 = 3, Int32 = 6;

    /// <summary>Runs a node whose inputs are all given; its first output.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="isMicrosoft">Whether it is of the domain com.microsoft.</param>
    /// <param name="attributes">Whole numbers, or lists of them.</param>
    /// <param name="inputs">Data and extents; a null for an input that is left out.</param>
    public static T[] Run<T>(
        string type, bool isMicrosoft, (string Name, long[] Values, bool IsList)[] attributes,
        params (Array Data, int[] Extents)?[] inputs)
        where T : unmanaged
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        using var session = new InferenceSession(
            Model(type, isMicrosoft, attributes, inputs, Element(typeof(T))), options);
        using var run = new RunOptions();
        using var results = session.Run(run, [], [], ["y"]);
        return results[0].GetTensorDataAsSpan<T>().ToArray();
    }

    /// <summary>A scalar input.</summary>
    public static (Array Data, int[] Extents)? Scalar<T>(T value) => (new[] { value }, []);

    private static byte[] Model(
        string type, bool isMicrosoft, (string Name, long[] Values, bool IsList)[] attributes,
        (Array Data, int[] Extents)?[] inputs, int element)
    {
        byte[] node = Message(m =>
        {
            for (int i = 0; i < inputs.Length; i++)
                Bytes(m, 1, Encoding.ASCII.GetBytes(inputs[i] is null ? "" : $"x{i}"));
            Bytes(m, 2, "y"u8.ToArray());
            Bytes(m, 4, Encoding.ASCII.GetBytes(type));
            foreach (var attribute in attributes) Bytes(m, 5, Attribute(attribute));
            if (isMicrosoft) Bytes(m, 7, "com.microsoft"u8.ToArray());
        });
        byte[] graph = Message(m =>
        {
            Bytes(m, 1, node);
            Bytes(m, 2, "g"u8.ToArray());
            for (int i = 0; i < inputs.Length; i++)
                if (inputs[i] is { } input) Bytes(m, 5, Tensor($"x{i}", input));
            Bytes(m, 12, Message(v =>
            {
                Bytes(v, 1, "y"u8.ToArray());
                Bytes(v, 2, Message(t => Bytes(t, 1, Message(e => Number(e, 1, element)))));
            }));
        });
        return Message(m =>
        {
            Number(m, 1, 8);
            Bytes(m, 7, graph);
            Bytes(m, 8, Message(o => Number(o, 2, 13)));
            Bytes(m, 8, Message(o =>
            {
                Bytes(o, 1, "com.microsoft"u8.ToArray());
                Number(o, 2, 1);
            }));
        });
    }

    private static byte[] Attribute((string Name, long[] Values, bool IsList) attribute) =>
        Message(m =>
        {
            Bytes(m, 1, Encoding.ASCII.GetBytes(attribute.Name));
            foreach (long value in attribute.Values) Number(m, attribute.IsList ? 8 : 3, value);
            Number(m, 20, attribute.IsList ? 7 : 2);
        });

    private static byte[] Tensor(string name, (Array Data, int[] Extents) tensor) => Message(m =>
    {
        foreach (int extent in tensor.Extents) Number(m, 1, extent);
        Number(m, 2, Element(tensor.Data.GetType().GetElementType()!));
        Bytes(m, 8, Encoding.ASCII.GetBytes(name));
        var raw = new byte[Buffer.ByteLength(tensor.Data)];
        Buffer.BlockCopy(tensor.Data, 0, raw, 0, raw.Length);
        Bytes(m, 9, raw);
    });

    private static int Element(Type type) =>
        type == typeof(float) ? Float
        : type == typeof(byte) ? UInt8
        : type == typeof(sbyte) ? Int8
        : Int32;

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes, leaveOpen: true);
        write(output);
        output.Flush();
        return bytes.ToArray();
    }

    private static void Bytes(CodedOutputStream to, int field, byte[] value)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteBytes(ByteString.CopyFrom(value));
    }

    private static void Number(CodedOutputStream to, int field, long value)
    {
        to.WriteTag(field, WireFormat.WireType.Varint);
        to.WriteInt64(value);
    }
}
