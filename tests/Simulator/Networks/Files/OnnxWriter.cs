using Google.Protobuf;

namespace QSim.Simulator.Tests.Networks.Files;

/// <summary>Writes small ONNX models, for tests of what is refused.</summary>
internal static class OnnxWriter
{
    /// <summary>A model: an input [1, 2, 4, 4], nodes one after the other, an output.</summary>
    public static byte[] Model(params byte[][] nodes)
    {
        byte[] graph = Message(w =>
        {
            foreach (byte[] node in nodes)
                Field(w, 1, node);
            Field(w, 11, Value("x", 1, 2, 4, 4));
            Field(w, 12, Value("y"));
        });
        return Message(w => Field(w, 7, graph));
    }

    /// <summary>A node with whole-number attributes.</summary>
    public static byte[] Node(
        string type, string[] inputs, string output,
        params (string Name, long[] Values)[] attributes) =>
        Message(w =>
        {
            foreach (string input in inputs)
                Field(w, 1, input);
            Field(w, 2, output);
            Field(w, 3, $"node_{output}");
            Field(w, 4, type);
            foreach ((string name, long[] values) in attributes)
            {
                Field(
                    w,
                    5,
                    Message(a =>
                    {
                        Field(a, 1, name);
                        foreach (long value in values)
                        {
                            a.WriteTag(values.Length == 1 ? 3 : 8, WireFormat.WireType.Varint);
                            a.WriteInt64(value);
                        }
                    }));
            }
        });

    /// <summary>A node that makes an array of floats.</summary>
    public static byte[] Constant(string output, float[] values, params long[] shape) =>
        Constant(output, 1, values, shape);

    /// <summary>A node that makes one word.</summary>
    public static byte[] Word(string output) => Constant(output, 8, [], [1]);

    private static byte[] Constant(string output, int type, float[] values, long[] shape) =>
        Message(w =>
        {
            Field(w, 2, output);
            Field(w, 4, "Constant");
            Field(
                w,
                5,
                Message(a =>
                {
                    Field(a, 1, "value");
                    Field(
                        a,
                        5,
                        Message(t =>
                        {
                            foreach (long extent in shape)
                            {
                                t.WriteTag(1, WireFormat.WireType.Varint);
                                t.WriteInt64(extent);
                            }

                            t.WriteTag(2, WireFormat.WireType.Varint);
                            t.WriteInt64(type);
                            foreach (float value in values)
                            {
                                t.WriteTag(4, WireFormat.WireType.Fixed32);
                                t.WriteFloat(value);
                            }
                        }));
                }));
        });

    private static byte[] Value(string name, params long[] shape) =>
        Message(w =>
        {
            Field(w, 1, name);
            Field(
                w,
                2,
                Message(type =>
                    Field(
                        type,
                        1,
                        Message(tensor =>
                            Field(
                                tensor,
                                2,
                                Message(dims =>
                                {
                                    foreach (long extent in shape)
                                    {
                                        Field(
                                            dims,
                                            1,
                                            Message(d =>
                                            {
                                                d.WriteTag(1, WireFormat.WireType.Varint);
                                                d.WriteInt64(extent);
                                            }));
                                    }
                                }))))));
        });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory))
            write(output);
        return memory.ToArray();
    }

    private static void Field(CodedOutputStream output, int number, byte[] message)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(message));
    }

    private static void Field(CodedOutputStream output, int number, string text)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }
}
