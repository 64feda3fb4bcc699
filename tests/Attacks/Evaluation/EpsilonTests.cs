using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

public class EpsilonTests
{
    [Theory]
    [InlineData("8/255", 8 / 255.0)]
    [InlineData("0.1", 0.1)]
    [InlineData("0", 0)]
    [InlineData(" 1e-3 ", 1e-3)]
    [InlineData("unbounded", double.PositiveInfinity)]
    public void Parse_NumberOrFraction_IsItsValue(string text, double value)
    {
        Assert.Equal(value, Epsilon.Parse(text).Value);
        Assert.Equal(text.Trim(), Epsilon.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("8/")]
    [InlineData("8/0")]
    [InlineData("1/2/3")]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    [InlineData("0,1")]
    public void TryParse_AnythingElse_IsFalse(string text) =>
        Assert.False(Epsilon.TryParse(text, out _));

    [Fact]
    public void Equals_WrittenDifferently_IsTrue() =>
        Assert.Equal(Epsilon.Parse("1/10"), Epsilon.Parse("0.1"));
}
