namespace QSim.Runner.Serving;

/// <summary>One message, as it came.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The client's number for it, which its answer carries.</param>
/// <param name="Head">A JSON object.</param>
/// <param name="Body">Bytes of arrays; overwritten by the next frame.</param>
internal readonly record struct Frame(
    FrameKind Kind, uint Id, ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Body);

/// <summary>Bytes that are not the protocol's.</summary>
/// <param name="id">The frame's number; 0 where that is not known.</param>
/// <param name="message">What was found and what is allowed.</param>
internal sealed class FrameException(uint id, string message) : Exception(message)
{
    /// <summary>The frame's number.</summary>
    public uint Id => id;

    /// <summary>Whether the stream ended within a frame, so that nothing follows.</summary>
    public bool IsEnd { get; init; }
}
