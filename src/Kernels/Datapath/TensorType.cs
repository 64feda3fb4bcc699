using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// Channels, rows and columns of one image's tensor; data is laid out in that order.
/// </summary>
/// <param name="Channels">Number of channels (features, for a flat tensor).</param>
/// <param name="Rows">Height; 1 for a flat tensor.</param>
/// <param name="Columns">Width; 1 for a flat tensor.</param>
public readonly record struct TensorShape(int Channels, int Rows = 1, int Columns = 1)
{
    /// <summary>Values per image.</summary>
    /// <exception cref="SizeException">They are too many to hold.</exception>
    public int Length => Sizes.Values(Channels, Positions);

    /// <summary>Values per channel.</summary>
    /// <exception cref="SizeException">They are too many to hold.</exception>
    public int Positions => Sizes.Values(Rows, Columns);

    /// <summary>For example <c>16x8x8</c>.</summary>
    public override string ToString() => $"{Channels}x{Rows}x{Columns}";
}

/// <summary>
/// Shape and meaning of a raw tensor: <c>real = Scale * (raw - ZeroPoint)</c>. Fixed point is the
/// case <c>Scale = 2^-F</c>, <c>ZeroPoint = 0</c>. A scale of 0 says that raw values are float32
/// numbers, as integers of 32 bits in the numbers' order (ARITHMETIC.md section 1).
/// </summary>
/// <param name="Shape">Shape of one image's tensor.</param>
/// <param name="Bits">Width of a raw value, 1..32.</param>
/// <param name="IsSigned">Whether raw values may be negative.</param>
/// <param name="Scale">
/// Real value of one raw step; backends carry it and never compute with it.
/// </param>
/// <param name="ZeroPoint">The raw value that stands for 0; what padding contributes.</param>
public sealed record TensorType(
    TensorShape Shape, int Bits, bool IsSigned, double Scale, int ZeroPoint = 0)
{
    /// <summary>float32 numbers of a shape.</summary>
    internal static TensorType Float32(TensorShape shape) => new(shape, 32, true, 0);

    /// <summary>Whether raw values are float32 numbers.</summary>
    public bool IsFloat32 => this is { Scale: 0, Bits: 32, IsSigned: true, ZeroPoint: 0 };

    /// <summary>The smallest raw value.</summary>
    public long MinRaw =>
        IsFloat32 ? -OrderedFloat.Largest : IsSigned ? -1L << (Bits - 1) : 0;

    /// <summary>The largest raw value.</summary>
    public long MaxRaw =>
        IsFloat32 ? OrderedFloat.Largest : (1L << (IsSigned ? Bits - 1 : Bits)) - 1;

    /// <summary>True when another tensor holds the same raw values.</summary>
    public bool HasRangeOf(TensorType other) =>
        Bits == other.Bits && IsSigned == other.IsSigned && IsFloat32 == other.IsFloat32;
}
