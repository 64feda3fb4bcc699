using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

public class AveragePoolBuilderTests
{
    // The constants and the search of Vitis AI's quantizers, worked out apart.
    [Theory]
    [InlineData(3, 3, 7, 6)]
    [InlineData(5, 5, 10, 8)]
    [InlineData(6, 6, 7, 8)]
    [InlineData(3, 6, 14, 8)]
    [InlineData(7, 7, 21, 10)]
    [InlineData(14, 14, 21, 12)]
    [InlineData(2, 2, 1, 2)]
    [InlineData(4, 4, 1, 4)]
    [InlineData(8, 8, 1, 6)]
    [InlineData(2, 3, 85, 9)]
    [InlineData(1, 1, 1, 0)]
    public void DpuFactor_IsTheQuantizers(int rows, int columns, long multiplier, int shift) =>
        Assert.Equal((multiplier, shift), AveragePoolBuilder.DpuFactor(rows, columns));
}
