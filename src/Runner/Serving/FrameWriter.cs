using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using QSim.Runner.Output;

namespace QSim.Runner.Serving;

/// <summary>An array of an answer.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Shape">Its extents, the last one fastest.</param>
/// <param name="Values">Of float, int or long.</param>
internal sealed record AnswerArray(string Name, int[] Shape, Array Values);

/// <summary>What a request is answered with.</summary>
/// <param name="Head">Names and values of the head.</param>
/// <param name="Arrays">The body.</param>
internal sealed record Answer(
    IReadOnlyDictionary<string, object?> Head, params IReadOnlyList<AnswerArray> Arrays)
{
    /// <summary>An answer that says nothing else.</summary>
    public static Answer Empty { get; } = new(new Dictionary<string, object?>());
}

/// <summary>Writes frames; several threads may.</summary>
/// <param name="stream">Where to.</param>
internal sealed class FrameWriter(Stream stream)
{
    private readonly Lock _lock = new();

    /// <summary>Writes one.</summary>
    /// <exception cref="RequestException">It is larger than a frame may be.</exception>
    /// <exception cref="IOException">Nobody reads.</exception>
    public void Write(FrameKind kind, uint id, Answer answer)
    {
        var said = new Dictionary<string, object?>(answer.Head);
        if (answer.Arrays.Count > 0)
            said["arrays"] = answer.Arrays.Select(
                a => new { a.Name, Dtype = NameOf(a.Values), a.Shape });
        byte[] head = Encoding.UTF8.GetBytes(Json.LineOf(said));
        long body = answer.Arrays.Sum(a => (long)Bytes(a.Values).Length);
        long length = Wire.HeaderBytes - Wire.LengthBytes + head.Length + body;
        CheckLength(length);
        byte[] frame = new byte[Wire.HeaderBytes + head.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)length);
        frame[4] = (byte)kind;
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), id);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), (uint)head.Length);
        head.CopyTo(frame.AsSpan(Wire.HeaderBytes));
        lock (_lock)
        {
            stream.Write(frame);
            foreach (AnswerArray array in answer.Arrays) stream.Write(Bytes(array.Values));
            stream.Flush();
        }
    }

    /// <summary>Refuses answers that are too large, before anything is computed for them.</summary>
    /// <exception cref="RequestException">One is.</exception>
    public static void CheckLength(long bytes)
    {
        if (bytes > Wire.MostFrame)
            throw new RequestException(
                $"the answer would have {bytes} bytes (at most {Wire.MostFrame}): ask for fewer "
                    + "images or layers at a time");
    }

    private static string NameOf(Array values) => values switch
    {
        float[] => SentArray.Float32,
        int[] => SentArray.Int32,
        _ => SentArray.Int64,
    };

    private static ReadOnlySpan<byte> Bytes(Array values) => values switch
    {
        float[] reals => MemoryMarshal.AsBytes(reals.AsSpan()),
        int[] integers => MemoryMarshal.AsBytes(integers.AsSpan()),
        _ => MemoryMarshal.AsBytes(((long[])values).AsSpan()),
    };
}
