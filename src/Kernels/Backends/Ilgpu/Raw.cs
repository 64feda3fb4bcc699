namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>Raw values as devices keep them: 32 bits, whatever their format.</summary>
internal static class Raw
{
    /// <summary>The value of 32 stored bits.</summary>
    /// <param name="bits">As stored.</param>
    /// <param name="isSigned">1 when the tensor's raw values may be negative.</param>
    public static long Load(int bits, int isSigned) => isSigned == 1 ? bits : (uint)bits;
}
