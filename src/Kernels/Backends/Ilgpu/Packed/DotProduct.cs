namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// Sums of products of packed operands in 32 bits, byte by byte; the caller knows that they fit.
/// Where CUDA has an instruction for it, <see cref="Tiled.TileKernel"/> runs instead.
/// </summary>
internal static class DotProduct
{
    /// <summary>Effectively computes <c>sum + sum of x[i] * w[i]</c>.</summary>
    /// <param name="x">Inputs.</param>
    /// <param name="w">Weights, signed.</param>
    /// <param name="sum">What came before.</param>
    /// <param name="inputSigned">1 when inputs are signed bytes, 0 when unsigned.</param>
    public static int Add(PackedBytes x, PackedBytes w, int sum, int inputSigned) =>
        Add(x, w, sum, inputSigned, weightSigned: 1);

    /// <summary>The same for magnitudes, which are unsigned bytes on both sides.</summary>
    public static int AddMagnitudes(PackedBytes x, PackedBytes w, int sum) =>
        Add(x, w, sum, inputSigned: 0, weightSigned: 0);

    /// <summary>The same for one word of four operands.</summary>
    public static int Add(int x, int w, int sum, int inputSigned, int weightSigned) =>
        sum
        + (Byte(x, 0, inputSigned) * Byte(w, 0, weightSigned))
        + (Byte(x, 8, inputSigned) * Byte(w, 8, weightSigned))
        + (Byte(x, 16, inputSigned) * Byte(w, 16, weightSigned))
        + (Byte(x, 24, inputSigned) * Byte(w, 24, weightSigned));

    private static int Add(PackedBytes x, PackedBytes w, int sum, int inputSigned, int weightSigned)
    {
        int first = Add(
            x.B, w.B, Add(x.A, w.A, sum, inputSigned, weightSigned), inputSigned, weightSigned);
        return Add(
            x.D, w.D, Add(x.C, w.C, first, inputSigned, weightSigned), inputSigned, weightSigned);
    }

    private static int Byte(int bytes, int shift, int isSigned) =>
        isSigned == 1 ? bytes << (24 - shift) >> 24 : (bytes >> shift) & 0xFF;
}
