using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>Random points of a budget.</summary>
public static class RandomStart
{
    /// <summary>Moves the current image to a uniform point of the ball of radius epsilon, then into [0, 1].</summary>
    public static void Uniform(AttackRun run, int slot)
    {
        KeyedRandom random = run.Random(slot, RandomPurpose.AttackStart);
        Span<float> image = run.Current(slot);
        double epsilon = run.Budget.Epsilon.Value;
        if (!double.IsFinite(epsilon)) epsilon = 1;
        if (run.Budget.Norm == Norm.Linf)
        {
            foreach (ref float pixel in image) pixel += random.NextFloat(-(float)epsilon, (float)epsilon);
        }
        else
        {
            double[] direction = Direction(run.Budget.Norm, image.Length, ref random);
            double radius = epsilon * Math.Pow(random.NextFloat(), 1.0 / image.Length);
            for (int i = 0; i < image.Length; i++) image[i] += (float)(radius * direction[i]);
        }

        run.Constrain(slot);
    }

    /// <summary>Normal values over their L2 norm, or Laplace values over their L1 norm.</summary>
    private static double[] Direction(Norm norm, int length, ref KeyedRandom random)
    {
        double[] values = new double[length];
        double sum = 0;
        for (int i = 0; i < length; i++)
        {
            values[i] = norm == Norm.L2
                ? random.NextNormal()
                : -Math.Log(1 - random.NextFloat()) * random.NextSign();
            sum += norm == Norm.L2 ? values[i] * values[i] : Math.Abs(values[i]);
        }

        double size = norm == Norm.L2 ? Math.Sqrt(sum) : sum;
        for (int i = 0; i < length; i++) values[i] /= size;
        return values;
    }
}
