namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// Sixteen 8-bit operands along the depth of a reduction, the first in the lowest byte of A.
/// </summary>
/// <param name="A">Operands 0..3.</param>
/// <param name="B">Operands 4..7.</param>
/// <param name="C">Operands 8..11.</param>
/// <param name="D">Operands 12..15.</param>
internal readonly record struct PackedBytes(int A, int B, int C, int D)
{
    /// <summary>Operands per value.</summary>
    public const int Count = 16;

    /// <summary>
    /// The operands' magnitudes as unsigned bytes, of signed operands: 128 for -128.
    /// </summary>
    public PackedBytes Magnitudes() =>
        new(Magnitudes(A), Magnitudes(B), Magnitudes(C), Magnitudes(D));

    /// <summary>
    /// This value with one operand more: the four integers filled from the first on.
    /// </summary>
    /// <param name="index">Which operand, 0..15.</param>
    /// <param name="operand">Its value; the low 8 bits count.</param>
    public PackedBytes With(int index, int operand)
    {
        int bits = (operand & 0xFF) << (8 * (index & 3));
        int word = index >> 2;
        return new(
            word == 0 ? A | bits : A, word == 1 ? B | bits : B, word == 2 ? C | bits : C,
            word == 3 ? D | bits : D);
    }

    /// <summary>
    /// -b is ~b + 1 in each negative byte; no carry leaves a byte, for ~b is at most 127 there. In
    /// 64 bits, for the top byte's 128 would overflow a signed 32.
    /// </summary>
    internal static int Magnitudes(int bytes)
    {
        int negative = (bytes >> 7) & 0x01010101;
        int mask = (negative << 8) - negative;
        return (int)((long)(bytes ^ mask) + negative);
    }
}
