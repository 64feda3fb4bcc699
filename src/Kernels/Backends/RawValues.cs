using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends;

/// <summary>
/// A tensor's raw values over a batch, [image][channel][row][column], in 16 bits where its type
/// allows and in 64 where not: <c>raw = stored + Offset</c>. The memory grows and never shrinks, so
/// that batches of one size allocate once.
/// </summary>
/// <param name="type">The tensor's type.</param>
public sealed class RawValues(TensorType type)
{
    private short[] _narrow = [];
    private long[] _wide = [];

    /// <summary>The tensor's type.</summary>
    public TensorType Type => type;

    /// <summary>Whether they are kept in 16 bits.</summary>
    public bool IsNarrow { get; } = FitsNarrow(type);

    /// <summary>What storing subtracts: only unsigned values of 16 bits need it.</summary>
    public int Offset { get; } = OffsetOf(type);

    /// <summary>How many values there are, of all images together.</summary>
    public int Count { get; private set; }

    /// <summary>As stored; empty where values are wide.</summary>
    public Span<short> Narrow => _narrow.AsSpan(0, IsNarrow ? Count : 0);

    /// <summary>The raw values; empty where they are narrow.</summary>
    public Span<long> Wide => _wide.AsSpan(0, IsNarrow ? 0 : Count);

    /// <summary>Whether a type's raw values fit 16 bits, less an offset if need be.</summary>
    public static bool FitsNarrow(TensorType type) => type.Bits <= 16;

    /// <summary>What storing in 16 bits subtracts.</summary>
    public static int OffsetOf(TensorType type) =>
        type is { Bits: 16, IsSigned: false } ? -short.MinValue : 0;

    /// <summary>Makes room for so many images; what is there afterwards is anything.</summary>
    /// <exception cref="SizeException">They are too many to hold.</exception>
    public void Resize(int images)
    {
        Count = (int)Sizes.Elements(images, type.Shape.Length);
        if (IsNarrow && _narrow.Length < Count) _narrow = new short[Count];
        if (!IsNarrow && _wide.Length < Count) _wide = new long[Count];
    }

    /// <summary>Takes over raw values from wide ones; resize first.</summary>
    /// <param name="raw">As many as there is room for, all within the type's range.</param>
    public void Write(ReadOnlySpan<long> raw)
    {
        if (!IsNarrow)
        {
            raw.CopyTo(Wide);
            return;
        }

        Span<short> to = Narrow;
        for (int i = 0; i < raw.Length; i++) to[i] = (short)(raw[i] - Offset);
    }

    /// <summary>Some of the raw values.</summary>
    /// <param name="first">The first.</param>
    /// <param name="raw">Filled.</param>
    public void Read(int first, Span<long> raw)
    {
        if (!IsNarrow)
        {
            Wide.Slice(first, raw.Length).CopyTo(raw);
            return;
        }

        ReadOnlySpan<short> from = Narrow.Slice(first, raw.Length);
        for (int i = 0; i < raw.Length; i++) raw[i] = from[i] + Offset;
    }
}
