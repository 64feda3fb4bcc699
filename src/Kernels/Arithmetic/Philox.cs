namespace QSim.Kernels.Arithmetic;

/// <summary>Four 32-bit words: a counter, or what Philox makes of it.</summary>
/// <param name="X">Word 0.</param>
/// <param name="Y">Word 1.</param>
/// <param name="Z">Word 2.</param>
/// <param name="W">Word 3.</param>
internal readonly record struct UInt4(uint X, uint Y, uint Z, uint W);

/// <summary>
/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random
/// numbers: as easy as 1, 2, 3", SC 2011). A pure function of key and counter, so that a draw does
/// not depend on how many were made before it, on which thread, or in which batch.
/// </summary>
internal static class Philox
{
    private const int Rounds = 10;

    /// <summary>Four independent uniform words for a counter under a key.</summary>
    public static UInt4 Generate(ulong key, UInt4 counter)
    {
        uint x = counter.X, y = counter.Y, z = counter.Z, w = counter.W;
        uint key0 = (uint)key, key1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            (uint high0, uint low0) = Multiply(0xD2511F53u, x);
            (uint high1, uint low1) = Multiply(0xCD9E8D57u, z);
            x = high1 ^ y ^ key0;
            y = low1;
            z = high0 ^ w ^ key1;
            w = low0;
            key0 = (uint)(key0 + 0x9E3779B9ul);
            key1 = (uint)(key1 + 0xBB67AE85ul);
        }

        return new(x, y, z, w);
    }

    /// <summary>
    /// The 64-bit product of two words. In halves, and every sum in 64 bits, because ILGPU writes
    /// unsigned arithmetic as signed, where OpenCL leaves overflow undefined.
    /// </summary>
    private static (uint High, uint Low) Multiply(uint a, uint b)
    {
        ulong low = (ulong)(a & 0xFFFF) * b;
        ulong high = ((ulong)(a >> 16) * b) + (low >> 16);
        return ((uint)(high >> 16), (uint)((high << 16) | (low & 0xFFFF)));
    }
}
