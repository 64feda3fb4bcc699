using ILGPU.Runtime.Cuda;

namespace QSim.Kernels.Backends.Ilgpu.Packed;

/// <summary>
/// Sums of products of packed operands in 32 bits; the caller knows that they fit. On CUDA the instruction
/// dp4a (PTX ISA 9.7.1.23), four in one asm text so that only its result passes through memory; elsewhere
/// multiply-adds of the unpacked bytes.
/// </summary>
public static class DotProduct
{
    private const string Signed =
        "{ .reg .s32 t; dp4a.s32.s32 t, %1, %5, %9; dp4a.s32.s32 t, %2, %6, t; " +
        "dp4a.s32.s32 t, %3, %7, t; dp4a.s32.s32 %0, %4, %8, t; }";

    private const string UnsignedBySigned =
        "{ .reg .s32 t; dp4a.u32.s32 t, %1, %5, %9; dp4a.u32.s32 t, %2, %6, t; " +
        "dp4a.u32.s32 t, %3, %7, t; dp4a.u32.s32 %0, %4, %8, t; }";

    private const string Unsigned =
        "{ .reg .u32 t; dp4a.u32.u32 t, %1, %5, %9; dp4a.u32.u32 t, %2, %6, t; " +
        "dp4a.u32.u32 t, %3, %7, t; dp4a.u32.u32 %0, %4, %8, t; }";

    /// <summary>True for devices that have dp4a.</summary>
    public static bool IsSupportedBy(CudaArchitecture architecture) => architecture >= CudaArchitecture.SM_61;

    /// <summary>Effectively computes <c>sum + sum of x[i] * w[i]</c>.</summary>
    /// <param name="x">Inputs.</param>
    /// <param name="w">Weights, signed.</param>
    /// <param name="sum">What came before.</param>
    /// <param name="inputSigned">1 when inputs are signed bytes, 0 when unsigned.</param>
    public static int Add(PackedBytes x, PackedBytes w, int sum, int inputSigned)
    {
        if (!CudaAsm.IsSupported)
        {
            int first = Add(x.B, w.B, Add(x.A, w.A, sum, inputSigned, 1), inputSigned, 1);
            return Add(x.D, w.D, Add(x.C, w.C, first, inputSigned, 1), inputSigned, 1);
        }

        if (inputSigned == 1)
        {
            CudaAsm.Emit(Signed, out int signed, x.A, x.B, x.C, x.D, w.A, w.B, w.C, w.D, sum);
            return signed;
        }

        CudaAsm.Emit(UnsignedBySigned, out int mixed, x.A, x.B, x.C, x.D, w.A, w.B, w.C, w.D, sum);
        return mixed;
    }

    /// <summary>The same for magnitudes, which are unsigned bytes on both sides.</summary>
    public static int AddMagnitudes(PackedBytes x, PackedBytes w, int sum)
    {
        if (!CudaAsm.IsSupported)
            return Add(x.D, w.D, Add(x.C, w.C, Add(x.B, w.B, Add(x.A, w.A, sum, 0, 0), 0, 0), 0, 0), 0, 0);
        CudaAsm.Emit(Unsigned, out int result, x.A, x.B, x.C, x.D, w.A, w.B, w.C, w.D, sum);
        return result;
    }

    private static int Add(int x, int w, int sum, int xSigned, int wSigned) =>
        sum
        + (Byte(x, 0, xSigned) * Byte(w, 0, wSigned))
        + (Byte(x, 8, xSigned) * Byte(w, 8, wSigned))
        + (Byte(x, 16, xSigned) * Byte(w, 16, wSigned))
        + (Byte(x, 24, xSigned) * Byte(w, 24, wSigned));

    private static int Byte(int bytes, int shift, int isSigned) =>
        isSigned == 1 ? bytes << (24 - shift) >> 24 : (bytes >> shift) & 0xFF;
}
