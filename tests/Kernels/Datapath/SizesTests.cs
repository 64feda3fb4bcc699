using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>Products of sizes do not wrap, and windows stay within bounds.</summary>
public class SizesTests
{
    /// <summary>Each product is small or right modulo 2^32, and far too large in truth.</summary>
    [Theory]
    [InlineData(4, 65536, 16384)]
    [InlineData(1, 65537, 65537)]
    [InlineData(8191, 524353, 1)]
    [InlineData(-1, 3, 3)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    public void TensorShape_TooManyValues_IsRefused(int channels, int rows, int columns)
    {
        TensorShape shape = new(channels, rows, columns);
        Assert.NotNull(Sizes.WhyNot(shape));
        Assert.Throws<SizeException>(() => shape.Length);
    }

    [Fact]
    public void TensorShape_AtTheBound_HasItsLength()
    {
        TensorShape shape = new(1 << 8, 1 << 8, 1 << 8);
        Assert.Null(Sizes.WhyNot(shape));
        Assert.Equal(Sizes.MostValues, shape.Length);
        Assert.Throws<SizeException>(() => (shape with { Channels = (1 << 8) + 1 }).Length);
    }

    [Fact]
    public void Weights_WrappingToFew_AreRefused()
    {
        Assert.Equal(24, Sizes.Weights(2, 3, 4));
        Assert.Throws<SizeException>(() => Sizes.Weights(8191, 524353));
        Assert.Throws<SizeException>(() => Sizes.Weights(1 << 16, 1 << 16, 1 << 16, 1 << 16));
        Assert.Throws<SizeException>(() => Sizes.Elements(70_000, 70_000));
    }

    [Theory]
    [InlineData(0, 5, 7, 0L)]
    [InlineData(2, 5, 7, 70L)]
    [InlineData(1 << 20, 1 << 20, 1 << 30, null)]
    [InlineData(-1, 5, 7, null)]
    public void Product_OfThree_IsExactOrNull(long a, long b, long c, long? expected) =>
        Assert.Equal(expected, Sizes.Product(1000, a, b, c));

    /// <summary>Padding that makes channels times rows times columns wrap past 2^32.</summary>
    [Fact]
    public void Window_WithHugePadding_IsRefused()
    {
        WindowGeometry window = new(
            3, 3, PadTop: 32768, PadLeft: 32768, PadBottom: 32769, PadRight: 32769);
        Assert.Contains("too many", WindowBounds.WhyNot(window, new(1, 8, 8), 4));
    }

    [Fact]
    public void Window_OfManyTaps_IsRefused() =>
        Assert.Contains(
            "too much work",
            WindowBounds.WhyNot(
                new(1024, 1024), new TensorShape(1, 2048, 2048)));

    [Theory]
    [InlineData(3, 1, 1, true)]
    [InlineData(3, 2, 1, true)]
    [InlineData(3, 3, 1, false)]
    [InlineData(2, 3, 4, true)]
    [InlineData(2, 5, 4, false)]
    [InlineData(3, 2, 2, true)]
    public void PoolingWindow_ThatMeetsNothing_IsRefused(
        int kernel, int padding, int dilation, bool meets)
    {
        WindowGeometry window = new(
            kernel, kernel, 1, 1, padding, padding, padding, padding, dilation, dilation);
        Assert.Equal(meets, WindowBounds.WhyNotPool(window, new(1, 4, 4)) is null);
    }
}
