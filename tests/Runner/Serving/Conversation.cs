using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using QSim.Runner.Data;
using QSim.Runner.Serving;

namespace QSim.Runner.Tests.Serving;

/// <summary>An answer, taken apart.</summary>
internal sealed record Heard(FrameKind Kind, uint Id, JsonElement Head, byte[] Body)
{
    /// <summary>An array of the answer, which may have one element type alone.</summary>
    public T[] Array<T>(string name)
        where T : struct
    {
        int at = 0;
        foreach (JsonElement array in Head.GetProperty("arrays").EnumerateArray())
        {
            int count = array.GetProperty("shape").EnumerateArray()
                .Aggregate(1, (product, e) => product * e.GetInt32());
            int bytes = count * int.Parse(array.GetProperty("dtype").GetString()![1..]);
            if (array.GetProperty("name").GetString() == name)
                return MemoryMarshal.Cast<byte, T>(Body.AsSpan(at, bytes)).ToArray();
            at += bytes;
        }

        throw new KeyNotFoundException(name);
    }

    /// <summary>What an error says.</summary>
    public string Error => Head.GetProperty("error").GetString()!;
}

/// <summary>
/// Frames by hand, as docs/serve.md has them, independent of the product's writer.
/// </summary>
internal static class Conversation
{
    /// <summary>What comes first.</summary>
    public static byte[] Hello { get; } = Frame(1, 1, "{\"protocol\": 1, \"client\": \"test\"}");

    /// <summary>A frame.</summary>
    public static byte[] Frame(byte kind, uint id, string head, params byte[] body)
    {
        byte[] text = Encoding.UTF8.GetBytes(head), frame = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 12 + text.Length + body.Length);
        frame[4] = kind;
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), id);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(12), text.Length);
        return [.. frame, .. text, .. body];
    }

    /// <summary>A frame with arrays.</summary>
    public static byte[] Frame(
        byte kind, uint id, JsonObject head,
        params (string Name, int[] Shape, Array Values)[] arrays)
    {
        head["arrays"] = new JsonArray([.. arrays.Select(a => new JsonObject
        {
            ["name"] = a.Name,
            ["dtype"] = a.Values switch { byte[] => "u1", float[] => "f4", _ => "i4" },
            ["shape"] = new JsonArray([.. a.Shape.Select(e => (JsonNode)e)]),
        })]);
        return Frame(kind, id, head.ToJsonString(), [.. arrays.SelectMany(a => a.Values switch
        {
            byte[] bytes => bytes,
            float[] reals => MemoryMarshal.AsBytes(reals.AsSpan()).ToArray(),
            var other => MemoryMarshal.AsBytes(((int[])other).AsSpan()).ToArray(),
        })]);
    }

    /// <summary>Everything that is answered to these frames, but for progress.</summary>
    public static IReadOnlyList<Heard> Answers(params IEnumerable<byte[]> frames)
    {
        using var said = new MemoryStream();
        new Session(
                new(new MemoryStream([.. frames.SelectMany(f => f)]), said), new DataFolders([]))
            .Run(CancellationToken.None);
        return Parse(said.ToArray());
    }

    /// <summary>Frames, but for progress.</summary>
    public static IReadOnlyList<Heard> Parse(byte[] bytes)
    {
        List<Heard> heard = [];
        for (int at = 0; at < bytes.Length;)
        {
            ReadOnlySpan<byte> frame = bytes.AsSpan(at);
            int length = BinaryPrimitives.ReadInt32LittleEndian(frame),
                head = BinaryPrimitives.ReadInt32LittleEndian(frame[12..]);
            if (frame[4] != (byte)FrameKind.Progress)
                heard.Add(new(
                    (FrameKind)frame[4], BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]),
                    JsonDocument.Parse(frame.Slice(16, head).ToArray()).RootElement,
                    frame[(16 + head)..(4 + length)].ToArray()));
            at += 4 + length;
        }

        return heard;
    }
}
