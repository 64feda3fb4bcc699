using System.Numerics.Tensors;
using QSim.Attacks.Evaluation;

namespace QSim.Attacks.Methods;

/// <summary>Where an attack starts.</summary>
internal enum StartPoint
{
    /// <summary>At the image.</summary>
    Image,

    /// <summary>At a uniform point of the budget.</summary>
    Uniform,

    /// <summary>
    /// At the edge of the budget, as APGD: Linf uniform values, stretched until the largest is
    /// epsilon; others a random direction of length epsilon.
    /// </summary>
    Bound,

    /// <summary>At half epsilon times random signs; for Linf.</summary>
    HalfwayToCorner,
}

/// <summary>Random points of a budget.</summary>
internal static class RandomStart
{
    /// <summary>Moves the current image to the start.</summary>
    public static void Move(AttackRun run, int slot, StartPoint start)
    {
        if (start == StartPoint.Uniform) Uniform(run, slot);
        if (start == StartPoint.Bound) AtBound(run, slot);
        if (start == StartPoint.HalfwayToCorner) HalfwayToCorner(run, slot);
    }

    /// <summary>
    /// Moves the current image to a uniform point of the ball of radius epsilon, then into [0, 1].
    /// </summary>
    public static void Uniform(AttackRun run, int slot)
    {
        KeyedRandom random = run.Random(slot, RandomPurpose.AttackStart);
        Span<float> image = run.Current(slot);
        double epsilon = run.Budget.Epsilon.Value;
        if (!double.IsFinite(epsilon)) epsilon = 1;
        if (run.Budget.Norm == Norm.Linf)
        {
            Span<float> room = stackalloc float[256];
            for (int first = 0; first < image.Length; first += room.Length)
            {
                Span<float> part = image[first..Math.Min(first + room.Length, image.Length)];
                Span<float> change = room[..part.Length];
                random.NextFloats(-(float)epsilon, (float)epsilon, change);
                TensorPrimitives.Add(part, change, part);
            }
        }
        else
        {
            double[] direction = Direction(run.Budget.Norm, image.Length, ref random);
            double radius = epsilon * Math.Pow(random.NextFloat(), 1.0 / image.Length);
            for (int i = 0; i < image.Length; i++) image[i] += (float)(radius * direction[i]);
        }

        run.Constrain(slot);
    }

    /// <summary>
    /// APGD's start. Linf: uniform values, stretched until the largest is epsilon. L2: a random
    /// direction of length epsilon.
    /// </summary>
    public static void AtBound(AttackRun run, int slot)
    {
        KeyedRandom random = run.Random(slot, RandomPurpose.AttackStart);
        Span<float> image = run.Current(slot);
        double[] direction = new double[image.Length];
        if (run.Budget.Norm == Norm.Linf)
            for (int i = 0; i < direction.Length; i++) direction[i] = random.NextFloat(-1, 1);
        else
            direction = Direction(run.Budget.Norm, image.Length, ref random);
        double stretch =
            run.Budget.Norm == Norm.Linf ? 1 / Math.Max(direction.Max(Math.Abs), 1e-12) : 1;
        for (int i = 0; i < image.Length; i++)
            image[i] += (float)(run.Budget.Epsilon.Value * stretch * direction[i]);
        run.Constrain(slot);
    }

    /// <summary>
    /// APGD's start under L1: a standard normal value on every pixel, for the attack to project.
    /// </summary>
    public static void Normal(AttackRun run, int slot)
    {
        KeyedRandom random = run.Random(slot, RandomPurpose.AttackStart);
        foreach (ref float pixel in run.Current(slot)) pixel += random.NextNormal();
    }

    private static void HalfwayToCorner(AttackRun run, int slot)
    {
        KeyedRandom random = run.Random(slot, RandomPurpose.AttackStart);
        float[] signs = new float[run.ImageLength];
        for (int i = 0; i < signs.Length; i++) signs[i] = random.NextSign();
        Ascent.Step(run.Budget.Norm, signs, run.Budget.Epsilon.Value / 2, run.Current(slot));
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
