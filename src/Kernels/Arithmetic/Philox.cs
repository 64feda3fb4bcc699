namespace QSim.Kernels.Arithmetic;

/// <summary>Four 32-bit words: a counter, or what Philox makes of it.</summary>
/// <param name="X">Word 0.</param>
/// <param name="Y">Word 1.</param>
/// <param name="Z">Word 2.</param>
/// <param name="W">Word 3.</param>
public readonly record struct UInt4(uint X, uint Y, uint Z, uint W);

/// <summary>
/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
/// easy as 1, 2, 3", SC 2011). A pure function of key and counter, so that a draw does not depend on how
/// many were made before it, on which thread, or in which batch.
/// </summary>
public static class Philox
{
    private const int Rounds = 10;

    /// <summary>Four independent uniform words for a counter under a key.</summary>
    public static UInt4 Generate(ulong key, UInt4 counter)
    {
        uint x = counter.X, y = counter.Y, z = counter.Z, w = counter.W;
        uint key0 = (uint)key, key1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = 0xD2511F53ul * x;
            ulong product1 = 0xCD9E8D57ul * z;
            x = (uint)(product1 >> 32) ^ y ^ key0;
            y = (uint)product1;
            z = (uint)(product0 >> 32) ^ w ^ key1;
            w = (uint)product0;
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }

        return new(x, y, z, w);
    }
}
