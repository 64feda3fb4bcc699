using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>
/// What is done to many pixels at a time against the scalar forms, which a single pixel takes.
/// </summary>
public class PixelVectorsTests
{
    private const int Length = 1003;

    private static readonly float[] Odd =
    [
        float.NaN, 0f, -0f, 1, -1, float.Epsilon, -float.Epsilon, float.PositiveInfinity,
        float.NegativeInfinity, float.MaxValue, MathF.BitIncrement(1), MathF.BitDecrement(1),
    ];

    public static TheoryData<double> Epsilons =>
    [
        0, 1e-45, 1e-30, 1e-9, 1 / 255.0, 8 / 255.0, 0.1, 0.3, 0.5, 3, 1e300,
        double.PositiveInfinity,
    ];

    [Theory]
    [MemberData(nameof(Epsilons))]
    public void Constrain_Linf_EqualsOnePixelAtATime(double epsilon)
    {
        (float[] originals, float[] pixels) = Pixels();
        Budget budget = new(Norm.Linf, new(epsilon));
        float[] expected = OneByOne(originals, pixels, budget.Constrain);
        budget.Constrain(originals, pixels);
        AssertSameBits(expected, pixels);
    }

    [Theory]
    [MemberData(nameof(Epsilons))]
    public void PixelBounds_AnyPixels_GiveWhatTheBudgetGives(double epsilon)
    {
        (float[] originals, float[] pixels) = Pixels();
        Budget budget = new(Norm.Linf, new(epsilon));
        float[] expected = [.. pixels];
        budget.Constrain(originals, expected);
        new PixelBounds(originals, Length, budget).Constrain(0, pixels);

        // As numbers: a bound of 0 turns -0 to 0.
        Assert.Equal(expected, pixels);
        for (int i = 0; i < Length; i++)
            Assert.True(budget.Contains([originals[i]], [pixels[i]]), $"pixel {i}");
    }

    [Theory]
    [MemberData(nameof(Epsilons))]
    public void Contains_Linf_EqualsOnePixelAtATime(double epsilon)
    {
        Budget budget = new(Norm.Linf, new(epsilon));
        (float[] originals, float[] pixels) = Pixels();
        budget.Constrain(originals, pixels);
        Assert.True(budget.Contains(originals, pixels));
        Assert.Equal(
            Enumerable.Range(0, Length).Max(i => Math.Abs((double)pixels[i] - originals[i])),
            budget.Distance(originals, pixels));
        for (int i = 0; i < Length; i += 7)
            foreach (float odd in Odd)
            {
                float kept = pixels[i];
                pixels[i] = odd;
                bool isInside = odd is >= 0 and <= 1
                    && Math.Abs((double)odd - originals[i]) <= epsilon;
                Assert.Equal(isInside, budget.Contains(originals, pixels));
                pixels[i] = kept;
            }
    }

    [Fact]
    public void Step_Linf_EqualsOnePixelAtATime()
    {
        (float[] gradient, float[] image) = Pixels();
        for (int i = 0; i < Odd.Length; i++) gradient[3 * i] = Odd[i];
        float[] expected = OneByOne(
            gradient, image, (g, pixel) => Ascent.Step(Norm.Linf, g, 0.01, pixel));
        Ascent.Step(Norm.Linf, gradient, 0.01, image);
        AssertSameBits(expected, image);
    }

    /// <summary>Images, and changes of them with odd numbers among them.</summary>
    internal static (float[] Originals, float[] Pixels) Pixels()
    {
        var random = new KeyedRandom(3, RandomPurpose.AttackStart, 1);
        float[] originals = new float[Length], pixels = new float[Length];
        for (int i = 0; i < Length; i++)
        {
            originals[i] = random.NextBelow(4) switch
            {
                3 => random.NextBelow(4) * float.Epsilon,
                0 => random.NextBelow(256) / 255f,
                1 => random.NextBelow(2),
                _ => random.NextFloat(),
            };
            pixels[i] = random.NextBelow(5) == 0
                ? Odd[random.NextBelow(Odd.Length)]
                : originals[i] + random.NextFloat(-0.6f, 0.6f);
        }

        return (originals, pixels);
    }

    private static float[] OneByOne(float[] first, float[] second, Change change)
    {
        float[] result = [.. second];
        for (int i = 0; i < result.Length; i++)
            change(first.AsSpan(i, 1), result.AsSpan(i, 1));
        return result;
    }

    private static void AssertSameBits(float[] expected, float[] actual) =>
        Assert.Equal(
            expected.Select(BitConverter.SingleToInt32Bits),
            actual.Select(BitConverter.SingleToInt32Bits));

    private delegate void Change(ReadOnlySpan<float> first, Span<float> second);
}
