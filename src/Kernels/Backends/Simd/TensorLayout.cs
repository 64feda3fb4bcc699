using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>
/// How a tensor lies in memory: [image][row][column][channel], in 16 bits where its range allows
/// and in 64 where not. <c>raw = stored + Offset</c>: only unsigned 16-bit tensors need an offset.
/// </summary>
/// <param name="Type">The tensor's type.</param>
/// <param name="IsNarrow">True for 16-bit storage.</param>
/// <param name="Offset">What storing subtracts.</param>
internal sealed record TensorLayout(TensorType Type, bool IsNarrow, long Offset)
{
    public int Length => Type.Shape.Length;

    public int ElementBytes => IsNarrow ? sizeof(short) : sizeof(long);

    /// <summary>
    /// Values beyond the last that loops over whole vectors and groups of columns touch.
    /// </summary>
    public int Slack => 64 + (8 * Type.Shape.Channels);

    public static TensorLayout Of(TensorType type) =>
        new(type, RawValues.FitsNarrow(type), RawValues.OffsetOf(type));
}
