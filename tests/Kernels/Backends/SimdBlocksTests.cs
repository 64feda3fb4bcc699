using QSim.Kernels.Backends.Simd;

namespace QSim.Kernels.Tests.Backends;

/// <summary>How the SIMD backend shares images out among threads.</summary>
public class SimdBlocksTests
{
    [Theory]
    [InlineData(16, 5, 1, 5)]
    [InlineData(16, 5, 2, 4)]
    [InlineData(100, 16, 2, 13)]
    [InlineData(128, 16, 2, 16)]
    [InlineData(16, 16, 2, 16)]
    [InlineData(3, 2, 8, 1)]
    [InlineData(0, 16, 2, 16)]
    public void BlockImages_GivesEveryThreadAsManyBlocks(
        int images, int most, int threads, int expected) =>
        Assert.Equal(expected, SimdCrew.BlockImages(images, most, threads));
}
