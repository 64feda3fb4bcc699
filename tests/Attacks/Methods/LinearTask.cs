using QSim.Attacks.Evaluation;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// Class 0 against class 1 by <c>w . x + b</c>, and what the best change within a budget and [0, 1]
/// takes off that margin. Two more classes, far below, let ratios of four logits be taken.
/// </summary>
internal sealed class LinearTask
{
    private const int Features = 30;
    private const int Count = 12;
    private readonly double[] _w;
    private readonly double _bias;

    /// <summary>Random weights and images.</summary>
    /// <param name="bias">b: how far images are from the boundary.</param>
    /// <param name="walls">
    /// Whether pixels lie at, or a little off, 0 and 1; otherwise about the middle.
    /// </param>
    public LinearTask(float bias, bool walls)
    {
        var random = new KeyedRandom(4, RandomPurpose.AttackStart, 0);
        float[] weight = new float[4 * Features];
        for (int i = 0; i < Features; i++) weight[i] = random.NextFloat(-1, 1);
        (_w, _bias) = ([.. weight.Take(Features).Select(v => (double)v)], bias);
        float[] pixels = new float[Count * Features];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = walls ? Walled(ref random) : random.NextFloat(0.35f, 0.65f);
        Network = Fixtures.Linear(weight, [bias, 0, -30, -40]);
        Images = new(Network.Input, pixels, new int[Count]);
    }

    public FloatNetwork Network { get; }

    public LabelledImages Images { get; }

    /// <summary>How far class 0 is ahead.</summary>
    public double Margin(ReadOnlySpan<float> image)
    {
        double sum = _bias;
        for (int i = 0; i < _w.Length; i++) sum += _w[i] * image[i];
        return sum;
    }

    /// <summary>How much less that is of a changed image.</summary>
    public double Gain(int image, float[] changed) =>
        Margin(Images.Image(image)) - Margin(changed.AsSpan(image * Features, Features));

    /// <summary>
    /// The most that it can be less. Linf: every pixel goes epsilon or to its wall. L1: pixels go
    /// to their wall, the largest weight first, until epsilon is used up. L2: pixels go t times
    /// their weight or to their wall, t such that the length is epsilon.
    /// </summary>
    public double Most(int image, Norm norm, double epsilon)
    {
        double[] size = [.. _w.Select(Math.Abs)], room = Room(image);
        if (norm == Norm.Linf) return size.Zip(room, (w, r) => w * Math.Min(r, epsilon)).Sum();
        if (norm == Norm.L2) return MostL2(size, room, epsilon);
        double gain = 0, left = epsilon;
        foreach (int i in Enumerable.Range(0, Features).OrderByDescending(i => size[i]))
        {
            double move = Math.Min(room[i], left);
            (gain, left) = (gain + (move * size[i]), left - move);
        }

        return gain;
    }

    /// <summary>The least epsilon with which class 0 is level with class 1, to 15 digits.</summary>
    public double Nearest(int image, Norm norm)
    {
        double low = 0, high = Features, margin = Margin(Images.Image(image));
        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            if (Most(image, norm, middle) < margin) low = middle;
            else high = middle;
        }

        return high;
    }

    /// <summary>The dual norm of the weights: the gain per epsilon where no wall is near.</summary>
    public double Dual(Norm norm) => norm switch
    {
        Norm.Linf => _w.Sum(Math.Abs),
        Norm.L2 => Math.Sqrt(_w.Sum(v => v * v)),
        _ => _w.Max(Math.Abs),
    };

    private static double MostL2(double[] size, double[] room, double epsilon)
    {
        double low = 0, high = 1e6;
        for (int i = 0; i < 200; i++)
        {
            double t = (low + high) / 2;
            double length = size.Zip(room, (w, r) => Math.Pow(Math.Min(r, t * w), 2)).Sum();
            if (length < epsilon * epsilon) low = t;
            else high = t;
        }

        return size.Zip(room, (w, r) => w * Math.Min(r, low * w)).Sum();
    }

    /// <summary>How far each pixel can go the way that helps.</summary>
    private double[] Room(int image)
    {
        float[] pixels = Images.Image(image).ToArray();
        return [.. _w.Zip(pixels, (w, p) => w > 0 ? p : 1.0 - p)];
    }

    private static float Walled(ref KeyedRandom random) => random.NextBelow(4) switch
    {
        0 => random.NextBelow(2),
        1 => random.NextFloat(0, 0.1f),
        2 => random.NextFloat(0.9f, 1),
        _ => random.NextFloat(),
    };
}
