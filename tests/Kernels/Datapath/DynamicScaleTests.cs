using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>Scales of an image's own, as ONNX defines DynamicQuantizeLinear.</summary>
public class DynamicScaleTests
{
    /// <summary>Ties of the zero point go to the even one: the step is 1 here.</summary>
    [Theory]
    [InlineData(0, 255, 0)]
    [InlineData(-0.5f, 254.5f, 0)]
    [InlineData(-1.5f, 253.5f, 2)]
    [InlineData(-2.5f, 252.5f, 2)]
    [InlineData(-255, 0, 255)]
    [InlineData(-255, -7, 255)]
    [InlineData(7, 255, 0)]
    public void Of_Ends_HasTheNearestZeroPoint(float least, float largest, int zero)
    {
        DynamicScale scale = Of(least, largest);

        Assert.Equal(zero, scale.Zero);
        Assert.Equal(1, OrderedFloat.Value(OrderedFloat.Of(scale.Step)));
    }

    [Theory]
    [InlineData(0.5f, 0)]
    [InlineData(1.5f, 2)]
    [InlineData(2.5f, 2)]
    [InlineData(300, 255)]
    [InlineData(-1, 0)]
    public void Quantize_TiesAndBeyond_AreEvenAndFitted(float number, long raw)
    {
        var ignored = ConversionEvents.None;
        Assert.Equal(raw, Of(0, 255).Quantize(OrderedFloat.Of(number), ref ignored));
    }

    [Fact]
    public void Of_NothingButZeros_IsOne() =>
        Assert.Equal(new DynamicScale(Binary32.OfInteger(1), 0), DynamicScale.Of(0, 0));

    private static DynamicScale Of(float least, float largest) =>
        DynamicScale.Of(OrderedFloat.Of(least), OrderedFloat.Of(largest));
}
