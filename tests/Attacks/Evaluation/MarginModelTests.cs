using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Margins;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Methods;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>
/// On a linear network, and on one that differs from it by a constant, the margin model is exact.
/// </summary>
public class MarginModelTests
{
    private const int Features = 30;
    private const int Count = 200;

    /// <summary>
    /// Pixels from 0.35 on never meet a wall below 0.3; those from 0 on meet it at every budget.
    /// </summary>
    public static TheoryData<float, double> Budgets => new()
    {
        { 0.35f, 0 }, { 0.35f, 0.01 }, { 0.35f, 0.05 }, { 0.35f, 0.2 },
        { 0, 0 }, { 0, 0.03 }, { 0, 0.1 }, { 0, 0.3 }, { 0, 1 },
    };

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Radii_TwoClassesAndFgsm_PredictEveryImage(float lowest, double epsilon)
    {
        (FloatNetwork network, LabelledImages images) = Model(2, lowest);
        using var model = new ManagedGradientModel(network, 1);
        var classifier = new FloatClassifier(model);

        float?[] radii = new MarginModel(model, Norm.Linf).Radii(
            images, [Decisions.Of(classifier, images)])[0];

        Assert.Equal(
            Measured(classifier, images, epsilon), radii.Select(r => r is null || epsilon < r));
        Assert.InRange(radii.Count(r => r > 0), Count / 3, Count - 1);
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Radii_ClassifierOffByAConstant_PredictEveryImage(float lowest, double epsilon)
    {
        (FloatNetwork network, LabelledImages images) = Model(2, lowest);
        using var model = new ManagedGradientModel(network, 1);
        using var other = new ManagedGradientModel(WithBias(network, [0.4f, -0.3f]), 1);
        var classifier = new FloatClassifier(other);
        Decisions own = Decisions.Of(classifier, images),
            floats = Decisions.Of(new FloatClassifier(model), images);

        float?[] radii = new MarginModel(model, Norm.Linf).Radii(images, [floats, own])[1];
        LogitError error = LogitError.Of(own, floats, images.Labels);

        Assert.Equal(
            Measured(classifier, images, epsilon), radii.Select(r => r is null || epsilon < r));
        // Logits of up to 8 are rounded to float32 in steps of 5e-7, four of them in every error.
        Assert.Equal(0.7, error.MeanSize, 2e-6);
        Assert.Equal(0.7, error.LargestSize, 2e-6);
    }

    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    [InlineData(Norm.L1)]
    public void Radii_SeveralClassesWithinWalls_AreTheSmallestChanges(Norm norm)
    {
        (FloatNetwork network, LabelledImages images) = Model(4, 0);
        using var model = new ManagedGradientModel(network, 1);
        var classifier = new FloatClassifier(model);

        float?[] radii = new MarginModel(model, norm).Radii(
            images, [Decisions.Of(classifier, images)])[0];
        RobustnessResult found = Robustness.Run(
            AttackCatalogue.Get("fab-t"), AttackTarget.WhiteBox(classifier), images,
            new(norm, Epsilon.Unbounded));

        Assert.InRange(radii.Count(r => r > 0), Count / 5, Count);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(found.Judges[0].CleanClasses[i] != images.Labels[i], radii[i] == 0);
            if (found.Images[i].FooledSource)
                Assert.InRange(
                    found.Images[i].Distance, radii[i]!.Value - 1e-5,
                    (radii[i]!.Value * 1.01) + 1e-5);
        }
    }

    [Fact]
    public void Radii_NoError_AreThoseOfTheFloatNetwork()
    {
        (FloatNetwork network, LabelledImages images) = Model(4, 0);
        using var model = new ManagedGradientModel(network, 1);
        Decisions floats = Decisions.Of(new FloatClassifier(model), images);

        float?[][] radii = new MarginModel(model, Norm.Linf).Radii(images, [floats, floats]);

        Assert.Equal(radii[0], radii[1]);
        Assert.Equal((0.0, 0.0, 0.0), Sizes(LogitError.Of(floats, floats, images.Labels)));
    }

    [Fact]
    public void Radii_BatchesDoNotMatter()
    {
        (FloatNetwork network, LabelledImages images) = Model(4, 0);
        using var one = new ManagedGradientModel(network, 1);
        using var two = new ManagedGradientModel(network, 2);
        Decisions floats = Decisions.Of(new FloatClassifier(one), images);
        LabelledImages tail = images.Slice(Count - 7, 7);

        float?[] all = new MarginModel(one, Norm.Linf).Radii(images, [floats])[0];
        float?[] rest = new MarginModel(two, Norm.Linf).Radii(
            tail, [Decisions.Of(new FloatClassifier(two), tail)])[0];

        Assert.Equal(all[^7..], rest);
    }

    [Fact]
    public void Radii_LevelRivals_FollowTheTieRule()
    {
        // Two classes that always agree, and one image that no change moves.
        FloatNetwork network = Fixtures.Linear([1, -1, 0, 0], [0, 0]);
        var images = new LabelledImages(network.Input, [0, 0, 0, 0], [0, 1]);
        using var model = new ManagedGradientModel(network, 1);
        using var still = new ManagedGradientModel(Fixtures.Linear([0, 0, 0, 0], [1, 0]), 1);

        float?[] level = new MarginModel(model, Norm.Linf)
            .Radii(images, [Decisions.Of(new FloatClassifier(model), images)])[0];
        float?[] unmoved = new MarginModel(still, Norm.Linf)
            .Radii(images, [Decisions.Of(new FloatClassifier(still), images)])[0];

        Assert.Equal([float.Epsilon, 0], level);
        Assert.Equal([null, 0], unmoved);
    }

    private static (double, double, double) Sizes(LogitError error) =>
        (error.MeanSize, error.LargestSize, error.MeanShift);

    private static IEnumerable<bool> Measured(
        FloatClassifier classifier, LabelledImages images, double epsilon)
    {
        JudgeResult judge = Robustness
            .Run(
                ProjectedGradient.Fgsm(), AttackTarget.WhiteBox(classifier), images,
                new(Norm.Linf, new(epsilon)))
            .Judges[0];
        return Enumerable.Range(0, images.Count).Select(judge.IsRobust);
    }

    private static (FloatNetwork Network, LabelledImages Images) Model(int classes, float lowest)
    {
        var random = new KeyedRandom(7, RandomPurpose.AttackStart, classes);
        float[] weight = new float[classes * Features];
        for (int i = 0; i < weight.Length; i++) weight[i] = random.NextFloat(-1, 1);
        float[] pixels = new float[Count * Features];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = random.NextFloat(lowest, 1 - lowest);
        FloatNetwork network = Fixtures.Linear(weight, new float[classes]);
        return (
            network,
            new(network.Input, pixels, [.. Enumerable.Range(0, Count).Select(i => i % classes)]));
    }

    private static FloatNetwork WithBias(FloatNetwork network, float[] bias) =>
        Fixtures.Linear([.. network.Layers.SelectMany(l => l.Parameters).First()], bias);
}
