using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests.Arithmetic;

public class PhiloxBlocksTests
{
    [Theory]
    [InlineData(0ul, 0u, 0u, 0u, 0u)]
    [InlineData(0x299F31D0A4093822ul, 0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u)]
    [InlineData(ulong.MaxValue, ~0u - 2, ~0u, ~0u, ~0u)]
    public void Generate_AnyLength_EqualsOneAtATime(ulong key, uint x, uint y, uint z, uint w)
    {
        for (int counters = 0; counters <= 21; counters++)
        {
            uint[] words = new uint[4 * counters];
            PhiloxBlocks.Generate(key, new(x, y, z, w), words);
            for (uint i = 0; i < counters; i++)
            {
                UInt4 expected = Philox.Generate(key, new(x + i, y, z, w));
                Assert.Equal(
                    [expected.X, expected.Y, expected.Z, expected.W],
                    words[(int)(4 * i)..(int)((4 * i) + 4)]);
            }
        }
    }
}
