using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Tests.Arithmetic;

/// <summary>Double and square roots in integers, against the processor's.</summary>
public class Binary64Tests
{
    private const int Cases = 20_000;

    /// <summary>Sums of float32 numbers of any size, over how many they are.</summary>
    [Fact]
    public void Over_SumsOfNumbers_IsTheProcessors()
    {
        var random = new Random(1);
        int rounded = 0;
        for (int i = 0; i < Cases; i++)
        {
            int count = random.Next(1, 9), spread = random.Next(1, 60);
            double sum = 0;
            Binary64 found = default;
            float all = 0;
            for (int k = 0; k < count; k++)
            {
                float x = Number(random, spread);
                double before = sum;
                sum += x;
                if (sum - before != x) rounded++;
                all += x;
                found = Binary64.Add(found, Binary64.Of(Binary32.Of(x)));
            }

            int over = random.Next(1, 3000);
            Assert.Equal(sum, (double)found.Significand * Math.ScaleB(1, found.Exponent));
            Assert.Equal(
                (float)(sum / over),
                OrderedFloat.Value(OrderedFloat.Of(found.Over(over))));
        }

        Assert.InRange(rounded, Cases / 20, Cases * 8);
    }

    /// <summary>A sum that cancels leaves what was rounded before.</summary>
    [Fact]
    public void Add_NumbersThatCancel_KeepsWhatDoubleKeeps()
    {
        float[] numbers = [1.5e30f, 3, -1.5e30f, 1e-30f, 7e22f, 1, -7e22f];
        double sum = 0;
        Binary64 found = default;
        foreach (float x in numbers)
        {
            sum += x;
            found = Binary64.Add(found, Binary64.Of(Binary32.Of(x)));
            Assert.Equal(sum, (double)found.Significand * Math.ScaleB(1, found.Exponent));
        }
    }

    [Fact]
    public void SquareRoot_NumbersOfEverySize_IsTheProcessors()
    {
        var random = new Random(2);
        for (int i = 0; i < Cases; i++)
        {
            float x = i < 300 ? i : MathF.Abs(Number(random, 120));
            Assert.Equal(
                MathF.Sqrt(x),
                OrderedFloat.Value(OrderedFloat.Of(Binary32.SquareRoot(Binary32.Of(x)))));
        }
    }

    private static float Number(Random random, int spread) => (float)(
        ((2 * random.NextDouble()) - 1) * Math.ScaleB(1, random.Next(-spread, spread)));
}
