using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// On a linear model the worst margin is known: <c>m(x) - epsilon * |w|</c> under the dual norm (1
/// for Linf, 2 for L2, infinity for L1). Attacks have to reach it and cannot pass it.
/// </summary>
public class LinearModelTests
{
    private const int Features = 30;
    private const int Count = 12;

    public static TheoryData<string, Norm, double> Attacks =>
        new()
        {
            { "fgsm", Norm.Linf, 1e-6 },
            { "fgsm", Norm.L2, 1e-6 },
            { "fgsm", Norm.L1, 1e-6 },
            { "r-fgsm", Norm.Linf, 1.01 },
            { "bim", Norm.Linf, 1e-6 },
            { "bim", Norm.L2, 1e-6 },
            { "bim", Norm.L1, 1e-6 },
            { "mi-fgsm", Norm.Linf, 1e-6 },
            { "mi-fgsm", Norm.L2, 1e-6 },
            { "mi-fgsm", Norm.L1, 1e-6 },
            { "pgd-10", Norm.Linf, 1e-6 },
            { "pgd-10", Norm.L1, 0.05 },
            // Ten steps of epsilon / 4, each tan(next) = sin / (cos + 1/4), turn a start 120
            // degrees off (random ones in 30 dimensions stay within that) to 17.7 degrees: 1 - cos
            // = 0.047.
            { "pgd-10", Norm.L2, 0.05 },
            { "apgd-ce", Norm.Linf, 1e-6 },
            { "apgd-ce", Norm.L2, 0.01 },
            { "apgd-ce", Norm.L1, 0.05 },
            { "apgd-dlr", Norm.Linf, 1e-6 },
            { "apgd-dlr", Norm.L2, 0.01 },
            { "apgd-dlr", Norm.L1, 0.05 },
            { "spsa", Norm.Linf, 0.1 },
            { "apgd-t", Norm.Linf, 1e-6 },
            { "apgd-t", Norm.L2, 0.01 },
            { "apgd-t", Norm.L1, 0.05 },
        };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_LinearModel_ReachesTheWorstMarginAndNotMore(
        string attack, Norm norm, double tolerance)
    {
        double epsilon = norm switch { Norm.Linf => 0.1, Norm.L2 => 0.2, _ => 0.3 };
        (FloatNetwork network, double[] w, LabelledImages images) = Model();
        using var model = new ManagedGradientModel(network, 1);
        var source = new FloatClassifier(model);
        RobustnessResult result = Robustness.Run(
            AttackCatalogue.Get(attack), AttackTarget.Transfer(source, source), images,
            new(norm, new(epsilon)));
        double dual = Dual(norm, w);
        for (int i = 0; i < Count; i++)
        {
            double gain =
                Margin(w, images.Image(i))
                - Margin(w, result.Adversarial.AsSpan(i * Features, Features));
            Assert.InRange(gain, epsilon * dual * (1 - tolerance) - 1e-6, (epsilon * dual) + 1e-6);
        }
    }

    [Theory]
    [InlineData(Norm.Linf, 0.95)]
    [InlineData(Norm.L2, 0.75)]
    public void Square_LinearModel_ComesClose(Norm norm, double share)
    {
        (FloatNetwork network, double[] w, LabelledImages images) = Model();
        using var model = new ManagedGradientModel(network, 1);
        RobustnessResult result = Robustness.Run(
            new SquareAttack(3000), AttackTarget.Score(new FloatClassifier(model)), images,
            new(norm, new(0.1)));
        for (int i = 0; i < Count; i++)
        {
            double gain =
                Margin(w, images.Image(i))
                - Margin(w, result.Adversarial.AsSpan(i * Features, Features));
            Assert.InRange(gain, 0.1 * Dual(norm, w) * share, (0.1 * Dual(norm, w)) + 1e-6);
        }
    }

    public static TheoryData<string, Norm, double> MinimalAttacks => new()
    {
        { "deepfool", Norm.L2, 0.03 }, { "deepfool", Norm.Linf, 0.03 },
        { "fab-t", Norm.L2, 0.01 }, { "fab-t", Norm.Linf, 0.01 }, { "fab-t", Norm.L1, 0.01 },
        { "cw", Norm.L2, 0.1 },
        { "hopskipjump", Norm.L2, 1 }, { "hopskipjump", Norm.Linf, 1 },
    };

    [Theory]
    [MemberData(nameof(MinimalAttacks))]
    public void Run_Unbounded_FindsTheDistanceToTheBoundary(
        string attack, Norm norm, double tolerance)
    {
        (FloatNetwork network, double[] w, LabelledImages images) = Model(bias: 0.3f);
        using var model = new ManagedGradientModel(network, 1);
        RobustnessResult result = Robustness.Run(
            AttackCatalogue.Get(attack), AttackTarget.WhiteBox(new FloatClassifier(model)), images,
            new(norm, Epsilon.Unbounded));
        double dual = Dual(norm, w);
        for (int i = 0; i < Count; i++)
        {
            double margin = Margin(w, images.Image(i)) + 0.3;
            if (!result.Images[i].WasAttacked || margin < 0.02)
                continue;
            double nearest =
                norm == Norm.L1 ? NearestL1(w, images.Image(i), margin) : margin / dual;
            Assert.InRange(result.Images[i].Distance, nearest - 1e-6, nearest * (1 + tolerance));
        }

        Assert.True(result.Images.Count(i => i.FooledSource) >= Count / 3);
    }

    /// <summary>
    /// Under L1 pixels hit the walls of [0, 1]: those of the largest weights move as far as they
    /// can.
    /// </summary>
    private static double NearestL1(double[] w, ReadOnlySpan<float> image, double margin)
    {
        double distance = 0;
        foreach (int i in Enumerable.Range(0, w.Length).OrderByDescending(i => Math.Abs(w[i])))
        {
            double room = w[i] > 0 ? image[i] : 1 - image[i];
            double move = Math.Min(room, margin / Math.Abs(w[i]));
            distance += move;
            margin -= move * Math.Abs(w[i]);
        }

        return distance;
    }

    private static double Dual(Norm norm, double[] w) => norm switch
    {
        Norm.Linf => w.Sum(Math.Abs),
        Norm.L2 => Math.Sqrt(w.Sum(v => v * v)),
        _ => w.Max(Math.Abs),
    };

    /// <summary>
    /// Class 0 against class 1; two more classes, far below, let ratios of four logits be taken.
    /// </summary>
    private static (FloatNetwork Network, double[] W, LabelledImages Images) Model(float bias = 5)
    {
        var random = new KeyedRandom(4, RandomPurpose.AttackStart, 0);
        float[] weight = new float[4 * Features];
        for (int i = 0; i < Features; i++) weight[i] = random.NextFloat(-1, 1);
        double[] w = [.. weight.Take(Features).Select(v => (double)v)];
        float[] pixels = new float[Count * Features];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = random.NextFloat(0.35f, 0.65f);

        // A bias of 5 keeps every margin above what the budgets can take away: nobody is broken or
        // skipped.
        FloatNetwork network = Fixtures.Linear(weight, [bias, 0, -30, -40]);
        return (network, w, new(network.Input, pixels, new int[Count]));
    }

    private static double Margin(double[] w, ReadOnlySpan<float> image)
    {
        double sum = 0;
        for (int i = 0; i < w.Length; i++) sum += w[i] * image[i];
        return sum;
    }
}
