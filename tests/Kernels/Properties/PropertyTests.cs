namespace QSim.Kernels.Tests.Properties;

public sealed class PropertyTests
{
    [Theory]
    [InlineData(0, 1_000_000, 1000)]
    [InlineData(-5, 1L << 40, 70_000)]
    public void ForAll_PropertyThatFails_ShowsTheSimplestCase(long low, long high, long bound)
    {
        Exception e = Assert.ThrowsAny<Exception>(() => Property.ForAll(1000, choose =>
        {
            choose.Chance(0.5);
            long value = choose.Between(low, high);
            Assert.True(value < bound, $"found {value}.");
        }));

        Assert.Contains($"found {bound}.", e.Message);
    }

    [Fact]
    public void Tape_OfZeros_IsTheSimplestChoice()
    {
        var tape = new Tape([]);

        Assert.Equal(0, tape.NextInt64(long.MinValue, long.MaxValue));
        Assert.Equal(3, tape.NextInt64(3, 10));
        Assert.Equal(-4, tape.NextInt64(-9, -3));
        Assert.Equal(0, tape.Next(7));
        Assert.Equal(0, tape.NextDouble());
    }

    [Fact]
    public void Tape_AnyNumber_StaysInTheRange() => Property.ForAll(1000, choose =>
    {
        long low = choose.Raw(long.MinValue, long.MaxValue - 1);
        long high = choose.Raw(low + 1, long.MaxValue);
        var tape = new Tape([(ulong)choose.Raw(0, long.MaxValue), ulong.MaxValue]);

        Assert.InRange(tape.NextInt64(low, high), low, high - 1);
        Assert.InRange(tape.NextInt64(low, high), low, high - 1);
    });
}
