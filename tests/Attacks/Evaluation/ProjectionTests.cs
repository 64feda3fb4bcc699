using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

public class ProjectionTests
{
    private const int Trials = 500;

    [Fact]
    public void ToBoxedL1Ball_RandomPoints_StaysInBallAndBox() => ForAll((_, at) =>
    {
        double sum = 0;
        for (int i = 0; i < at.Projected.Length; i++)
        {
            Assert.InRange(at.Projected[i], -at.Centre[i], 1.0 - at.Centre[i]);
            sum += Math.Abs(at.Projected[i]);
        }

        Assert.InRange(sum, 0, at.Radius * (1 + 1e-12));
    });

    [Fact]
    public void ToBoxedL1Ball_RandomPoints_IsWhatBisectionFinds() => ForAll((_, at) =>
    {
        double[] Cut(double threshold) =>
        [
            .. at.Vector.Select((v, i) => Math.Sign(v) * Math.Clamp(
                Math.Abs(v) - threshold, 0, v > 0 ? 1.0 - at.Centre[i] : at.Centre[i])),
        ];
        double low = 0, high = at.Vector.Max(Math.Abs);
        if (Cut(0).Sum(Math.Abs) <= at.Radius) high = 0;
        for (int i = 0; i < 200; i++)
        {
            double middle = (low + high) / 2;
            if (Cut(middle).Sum(Math.Abs) > at.Radius) low = middle;
            else high = middle;
        }

        foreach ((double expected, double actual) in Cut(high).Zip(at.Projected))
            Assert.Equal(expected, actual, 1e-12);
    });

    /// <summary>
    /// What makes a point p of a convex set the nearest to v, in so many words: <c>(v - p) . (z -
    /// p) &lt;= 0</c> for every point z of the set.
    /// </summary>
    [Fact]
    public void ToBoxedL1Ball_RandomPoints_NoPointOfTheSetIsNearer() => ForAll((random, at) =>
    {
        for (int other = 0; other < 40; other++)
        {
            double[] z = Inside(ref random, at.Centre, at.Radius);
            double product = 0;
            for (int i = 0; i < z.Length; i++)
                product += (at.Vector[i] - at.Projected[i]) * (z[i] - at.Projected[i]);
            Assert.True(product <= 1e-12, $"{product}");
        }
    });

    [Fact]
    public void ToBoxedL1Ball_Wall_LeavesTheRestToOthers()
    {
        // The ball alone would give 0.75 and 0.25; the first pixel has a way of 0.5.
        double[] vector = [2, 1.5];
        Projection.ToBoxedL1Ball([0.5f, 0], vector, 1);
        Assert.Equal([0.5, 0.5], vector);
    }

    /// <summary>A point of ball and box, often on an edge of both.</summary>
    private static double[] Inside(ref KeyedRandom random, float[] centre, double radius)
    {
        double[] point = new double[centre.Length];
        int pixels = 1 + random.NextBelow(centre.Length);
        for (int n = 0; n < pixels && radius > 0; n++)
        {
            int i = random.NextBelow(point.Length);
            if (point[i] != 0) continue;
            bool isUp = random.NextSign() > 0;
            double most = Math.Min(radius, isUp ? 1.0 - centre[i] : centre[i]);
            double move = n == 0 || random.NextSign() > 0 ? most : most * random.NextFloat();
            point[i] = isUp ? move : -move;
            radius -= move;
        }

        return point;
    }

    private static void ForAll(Check check)
    {
        for (int trial = 0; trial < Trials; trial++)
        {
            var random = new KeyedRandom(19, RandomPurpose.AttackStart, trial);
            float[] centre = new float[1 + random.NextBelow(30)];
            double[] vector = new double[centre.Length];
            double spread = random.NextFloat() * 3;
            for (int i = 0; i < centre.Length; i++)
            {
                centre[i] = random.NextBelow(3) == 0 ? random.NextBelow(2) : random.NextFloat();
                // Equal sizes make breakpoints meet.
                vector[i] = random.NextBelow(4) == 0
                    ? random.NextSign() * 0.5
                    : spread * random.NextNormal();
            }

            double radius = random.NextBelow(10) == 0 ? 0 : 5 * Math.Pow(random.NextFloat(), 2);
            double[] projected = [.. vector];
            Projection.ToBoxedL1Ball(centre, projected, radius);
            check(random, new(centre, vector, radius, projected));
        }
    }

    private delegate void Check(KeyedRandom random, Case at);

    private sealed record Case(
        float[] Centre, double[] Vector, double Radius, double[] Projected);
}
