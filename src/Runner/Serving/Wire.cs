namespace QSim.Runner.Serving;

/// <summary>The numbers of the protocol: <c>docs/serve.md</c> has the whole of it.</summary>
internal static class Wire
{
    /// <summary>The version of the protocol, which a client says first.</summary>
    public const int Version = 1;

    /// <summary>Length, kind, three zeros, id, length of the head; little-endian.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Where the part of a header begins that the length counts.</summary>
    public const int LengthBytes = sizeof(uint);

    /// <summary>The most bytes of a frame after its length.</summary>
    public const int MostFrame = 1 << 28;

    /// <summary>The most bytes of a head.</summary>
    public const int MostHead = 1 << 20;

    /// <summary>The most arrays of a frame.</summary>
    public const int MostArrays = 64;

    /// <summary>The most dimensions of an array.</summary>
    public const int MostRank = 8;

    /// <summary>The most hardware that a connection holds at a time.</summary>
    public const int MostOpen = 64;

    /// <summary>The most connections to a socket at a time; others wait.</summary>
    public const int MostConnections = 16;
}

/// <summary>What a frame is. An answer to a request is its kind and <see cref="Answer"/>.</summary>
internal enum FrameKind : byte
{
    /// <summary>Versions, first of all.</summary>
    Hello = 1,

    /// <summary>Nothing, to hear that the server is there.</summary>
    Ping = 2,

    /// <summary>A network on hardware.</summary>
    Open = 3,

    /// <summary>Images to logits.</summary>
    Forward = 4,

    /// <summary>Images to raw values of layers.</summary>
    Taps = 5,

    /// <summary>Images to gradients.</summary>
    Gradient = 6,

    /// <summary>Hardware that is not needed any more.</summary>
    Close = 7,

    /// <summary>Test images of the dataset that hardware was opened with.</summary>
    Images = 8,

    /// <summary>Added to a request's kind.</summary>
    Answer = 0x80,

    /// <summary>How far a request is; its answer follows.</summary>
    Progress = 0xFE,

    /// <summary>Why a request has no answer.</summary>
    Error = 0xFF,
}
