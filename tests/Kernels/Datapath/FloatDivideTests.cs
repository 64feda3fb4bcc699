using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>Quotients of two float32 numbers.</summary>
public class FloatDivideTests
{
    private static readonly TensorType Type = TensorType.Float32(new(1));

    [Fact]
    public void Quotient_NumbersOfEverySize_IsTheProcessors()
    {
        var random = new Random(3);
        for (int i = 0; i < 200_000; i++)
        {
            float x = Number(random), y = Number(random), wanted = x / y;
            // Kernels have no numbers that float32 holds with fewer bits, and none beyond it.
            if (MathF.Abs(wanted) is < 1.2e-38f or > float.MaxValue) continue;
            Assert.Equal(
                wanted,
                OrderedFloat.Value(FloatDivideLayer.Quotient(
                    OrderedFloat.Of(x), OrderedFloat.Of(y))));
        }
    }

    /// <summary>As quantizers see infinity, and what is no number.</summary>
    [Theory]
    [InlineData(1e-30f, OrderedFloat.Largest)]
    [InlineData(-1e-30f, -OrderedFloat.Largest)]
    [InlineData(0, -OrderedFloat.Largest)]
    public void Quotient_ByZero_IsAnEnd(float x, long wanted) =>
        Assert.Equal(wanted, FloatDivideLayer.Quotient(OrderedFloat.Of(x), 0));

    /// <summary>Nothing leaves its range: widths behind it are chosen by that.</summary>
    [Fact]
    public void OutputRange_EverySign_HoldsTheQuotient()
    {
        var layer = new FloatDivideLayer("d", [0, 1], Type);
        long[] ends = [Type.MinRaw, -5, -1, 0, 1, 5, Type.MaxRaw];
        foreach (long a in ends)
            foreach (long b in ends.Where(n => n >= a))
                foreach (long c in ends)
                    foreach (long d in ends.Where(n => n >= c))
                    {
                        RawRange range = layer.OutputRange([new(a, b), new(c, d)]);
                        foreach (long x in ends.Where(n => n >= a && n <= b))
                            foreach (long y in ends.Where(n => n >= c && n <= d))
                                Assert.InRange(
                                    FloatDivideLayer.Quotient(x, y), range.Low, range.High);
                    }
    }

    [Fact]
    public void WhyNot_OfShapesThatDiffer_SaysSo()
    {
        var layer = new FloatDivideLayer("d", [0, 1], Type);

        Assert.Null(layer.WhyNot([Type, Type]));
        Assert.Contains("of one shape", layer.WhyNot([Type, TensorType.Float32(new(2))]));
        Assert.Contains("float32", layer.WhyNot([Type, new(new(1), 8, true, 1)]));
        Assert.NotNull(layer.WhyNot([Type]));
    }

    private static float Number(Random random) => (random.NextSingle() - 0.5f)
        * MathF.Pow(2, random.Next(random.Next(2) == 0 ? 4 : 100) - 30);
}
