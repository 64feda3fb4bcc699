using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

public class BudgetTests
{
    public static TheoryData<Norm, string> Budgets
    {
        get
        {
            TheoryData<Norm, string> data = [];
            foreach (Norm norm in Enum.GetValues<Norm>())
                foreach (
                    string epsilon in new[]
                    {
                    "0",
                    "1e-9",
                    "1/255",
                    "8/255",
                    "0.1",
                    "0.3",
                    "3",
                    "unbounded",
                    }
                )
                    data.Add(norm, epsilon);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Constrain_RandomImages_StayInside(Norm norm, string epsilon)
    {
        var budget = new Budget(norm, Epsilon.Parse(epsilon));
        for (int trial = 0; trial < 400; trial++)
        {
            (float[] original, float[] changed) = RandomPair(trial, 1 + (trial % 40));
            budget.Constrain(original, changed);
            Assert.True(budget.Contains(original, changed), $"trial {trial}");
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Constrain_Twice_ChangesNothing(Norm norm, string epsilon)
    {
        var budget = new Budget(norm, Epsilon.Parse(epsilon));
        for (int trial = 0; trial < 100; trial++)
        {
            (float[] original, float[] changed) = RandomPair(trial, 20);
            budget.Constrain(original, changed);
            float[] once = [.. changed];
            budget.Constrain(original, changed);
            Assert.Equal(once, changed);
        }
    }

    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    [InlineData(Norm.L1)]
    public void Constrain_EpsilonZero_IsTheOriginal(Norm norm)
    {
        (float[] original, float[] changed) = RandomPair(5, 33);
        new Budget(norm, new(0)).Constrain(original, changed);
        Assert.Equal(original, changed);
    }

    [Theory]
    [InlineData(Norm.Linf, 0.1)]
    [InlineData(Norm.L2, 0.25)]
    [InlineData(Norm.L1, 0.5)]
    public void Constrain_FarAway_ReachesTheBound(Norm norm, double epsilon)
    {
        float[] original = [0.5f, 0.4f, 0.6f, 0.5f];
        float[] changed = [0.9f, 0f, 0.5f, 0.8f];
        var budget = new Budget(norm, new(epsilon));
        budget.Constrain(original, changed);
        Assert.InRange(budget.Distance(original, changed), epsilon * (1 - 1e-6), epsilon);
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Snap_RandomImages_LieOnTheGridInside(Norm norm, string epsilon)
    {
        var budget = new Budget(norm, Epsilon.Parse(epsilon)) { PixelLevels = 255 };
        for (int trial = 0; trial < 200; trial++)
        {
            (float[] original, float[] changed) = RandomPair(trial, 1 + (trial % 40));
            budget.Constrain(original, changed);
            budget.Snap(original, changed);
            Assert.True(budget.Contains(original, changed), $"trial {trial}");
            for (int i = 0; i < changed.Length; i++)
                Assert.True(
                    changed[i] == original[i]
                        || changed[i] == (float)(Math.Round(changed[i] * 255.0) / 255),
                    $"trial {trial}"
                );
        }
    }

    [Fact]
    public void Snap_WholeSteps_LosesNothing()
    {
        float[] original = [100 / 255f, 3 / 255f, 1], changed = [108 / 255f, 0, 247 / 255f];
        float[] expected = [.. changed];
        var budget = new Budget(Norm.Linf, Epsilon.Parse("9/255")) { PixelLevels = 255 };
        budget.Snap(original, changed);
        Assert.Equal(expected, changed);
        changed[0] = 108.4f / 255;
        budget.Snap(original, changed);
        Assert.Equal(expected, changed);
    }

    [Fact]
    public void Constrain_NotANumber_IsTheOriginalPixel()
    {
        float[] changed = [float.NaN, float.PositiveInfinity];
        new Budget(Norm.Linf, new(0.25)).Constrain([0.5f, 0.5f], changed);
        Assert.Equal([0.5f, 0.75f], changed);
    }

    [Fact]
    public void ToL1Ball_Vector_IsNearestPoint()
    {
        double[] vector = [3, -1, 0.5];
        Projection.ToL1Ball(vector, 2);
        Assert.Equal([2.0, 0.0, 0.0], vector);
        double[] spread = [1, 1, -1];
        Projection.ToL1Ball(spread, 1.5);
        Assert.Equal([0.5, 0.5, -0.5], spread);
    }

    private static (float[] Original, float[] Changed) RandomPair(int trial, int length)
    {
        var random = new KeyedRandom(11, RandomPurpose.AttackStart, trial);
        float[] original = new float[length], changed = new float[length];
        for (int i = 0; i < length; i++)
        {
            original[i] = random.NextBelow(4) switch
            {
                0 => random.NextBelow(256) / 255f,
                1 => random.NextBelow(2),
                _ => random.NextFloat(),
            };
            changed[i] = original[i] + random.NextFloat(-0.5f, 0.5f);
        }

        return (original, changed);
    }
}
