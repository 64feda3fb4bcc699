using QSim.Kernels.Arithmetic;
using QSim.Simulator.Quantization;

namespace QSim.Simulator.Tests.Quantization;

public class RealConversionTests
{
    [Fact]
    public void RoundToInteger_EverySixteenth_AgreesWithConversionOfRawValues()
    {
        RoundingMode[] modes =
            [.. Enum.GetValues<RoundingMode>().Where(m => m != RoundingMode.Stochastic)];
        foreach (RoundingMode mode in modes)
            for (int sixteenths = -200; sixteenths <= 200; sixteenths++)
                Assert.Equal(
                    Rounding.ShiftRight(sixteenths, 4, mode),
                    RealConversion.RoundToInteger(sixteenths / 16.0, mode));
    }

    [Fact]
    public void RoundToInteger_NextToTie_IsNoTie()
    {
        double above = Math.BitIncrement(2.5);
        double below = Math.BitDecrement(2.5);
        foreach (RoundingMode mode in Enum.GetValues<RoundingMode>()
            .Where(m => m.ToString().StartsWith("Nearest")))
        {
            Assert.Equal(3, RealConversion.RoundToInteger(above, mode));
            Assert.Equal(2, RealConversion.RoundToInteger(below, mode));
        }
    }

    [Theory]
    [InlineData(1e300, 127)]
    [InlineData(-1e300, -128)]
    [InlineData(double.PositiveInfinity, 127)]
    [InlineData(double.NaN, 5)]
    public void Quantize_BeyondAnyFormat_Saturates(double real, long raw)
    {
        var target = ConversionSpec.Into(
            new(8, 0, true), 0, RoundingMode.NearestTiesToEven, OverflowMode.Saturate);
        var scale = new TensorScale(0.5, null, 5);
        Assert.Equal(
            raw, RealConversion.Quantize(real, scale, RoundingMode.NearestTiesToEven, target));
    }
}
