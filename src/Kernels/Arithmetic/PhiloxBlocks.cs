using System.Numerics;

namespace QSim.Kernels.Arithmetic;

/// <summary><see cref="Philox.Generate"/> of many counters at a time, on vectors.</summary>
internal static class PhiloxBlocks
{
    private const int Rounds = 10;
    private const ulong Word = uint.MaxValue;

    /// <summary>Counters made at a time.</summary>
    private static int Lanes => Vector<ulong>.Count;

    /// <summary>
    /// The words of as many counters as fit, one after another: effectively <c>words[4 i ..] =
    /// Generate(key, first + i)</c>, counted up in the counter's word X.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="first">The first counter.</param>
    /// <param name="words">Filled; a multiple of 4.</param>
    public static void Generate(ulong key, UInt4 first, Span<uint> words)
    {
        Span<Vector<ulong>> block = stackalloc Vector<ulong>[4];
        Span<ulong> lanes = stackalloc ulong[Lanes];
        for (uint i = 0; i < words.Length / 4; i += (uint)Lanes)
        {
            block[0] = (new Vector<ulong>(first.X + i) + Vector<ulong>.Indices)
                & new Vector<ulong>(Word);
            block[1] = new(first.Y);
            block[2] = new(first.Z);
            block[3] = new(first.W);
            Mix(key, block);
            int count = Math.Min(Lanes, (words.Length / 4) - (int)i);
            for (int word = 0; word < 4; word++)
            {
                block[word].CopyTo(lanes);
                for (int lane = 0; lane < count; lane++)
                    words[(4 * ((int)i + lane)) + word] = (uint)lanes[lane];
            }
        }
    }

    private static void Mix(ulong key, Span<Vector<ulong>> block)
    {
        Vector<ulong> x = block[0], y = block[1], z = block[2], w = block[3], mask = new(Word);
        uint key0 = (uint)key, key1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            Vector<ulong> product0 = x * 0xD2511F53ul, product1 = z * 0xCD9E8D57ul;
            x = (product1 >> 32) ^ y ^ new Vector<ulong>(key0);
            y = product1 & mask;
            z = (product0 >> 32) ^ w ^ new Vector<ulong>(key1);
            w = product0 & mask;
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }

        (block[0], block[1], block[2], block[3]) = (x, y, z, w);
    }
}
