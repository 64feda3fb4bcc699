using System.Buffers.Binary;

namespace QSim.Runner.Serving;

/// <summary>
/// Frames of a stream that anybody may have written. Lengths are believed as far as bytes come:
/// memory grows with what is there, up to <see cref="Wire.MostFrame"/>, and is used again. A frame
/// that cannot be is passed over, so that the next one is found.
/// </summary>
/// <param name="stream">The stream.</param>
internal sealed class FrameReader(Stream stream)
{
    private const int FirstBytes = 1 << 16;

    private readonly byte[] _header = new byte[Wire.HeaderBytes];
    private byte[] _head = [];
    private byte[] _body = [];

    /// <summary>The next frame; null where the stream ends between two.</summary>
    /// <exception cref="FrameException">It cannot be; where that says so, read on.</exception>
    /// <exception cref="IOException">The stream is broken.</exception>
    public Frame? Read()
    {
        int read = stream.ReadAtLeast(
            _header.AsSpan(0, Wire.LengthBytes), Wire.LengthBytes, throwOnEndOfStream: false);
        if (read == 0) return null;
        if (read < Wire.LengthBytes) throw Ended(0);
        uint length = Number(0);
        const int Least = Wire.HeaderBytes - Wire.LengthBytes;
        if (length is < Least or > Wire.MostFrame)
            throw Passed(
                0, length, $"a frame of {length} bytes (supported: {Least}..{Wire.MostFrame})");
        Fill(_header.AsSpan(Wire.LengthBytes), 0);
        var (id, rest) = (Number(8), (int)length - Least);
        uint head = Number(12);
        if (head > Math.Min(rest, Wire.MostHead))
            throw Passed(
                id, (uint)rest,
                $"a head of {head} bytes in a frame that has {rest} left (supported: as many, at "
                    + $"most {Wire.MostHead})");
        if (_header.AsSpan(5, 3).ContainsAnyExcept((byte)0))
            throw Passed(id, (uint)rest, "bytes 5 to 7 of a frame are not zero");
        int body = rest - (int)head;
        Fill(ref _head, (int)head, id);
        Fill(ref _body, body, id);
        return new(
            (FrameKind)_header[4], id, _head.AsMemory(0, (int)head), _body.AsMemory(0, body));
    }

    private uint Number(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(at));

    private void Fill(ref byte[] buffer, int length, uint id)
    {
        for (int done = 0; done < length;)
        {
            if (buffer.Length == done)
                Array.Resize(ref buffer, (int)Math.Min(length, Math.Max(FirstBytes, 4L * done)));
            int next = Math.Min(buffer.Length, length);
            Fill(buffer.AsSpan(done, next - done), id);
            done = next;
        }
    }

    private void Fill(Span<byte> buffer, uint id)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
            throw Ended(id);
    }

    private FrameException Passed(uint id, uint length, string message)
    {
        if (_body.Length < FirstBytes) _body = new byte[FirstBytes];
        while (length > 0)
        {
            int part = (int)Math.Min(length, (uint)_body.Length);
            Fill(_body.AsSpan(0, part), id);
            length -= (uint)part;
        }

        return new(id, message);
    }

    private static FrameException Ended(uint id) =>
        new(id, "the stream ends within a frame") { IsEnd = true };
}
