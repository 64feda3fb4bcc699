using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Gradients.Training;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

public class SparseAutoPgdTests
{
    private const int Test = 200;

    /// <summary>PGD's sparse steps are the measure, gradient for gradient.</summary>
    [SkippableTheory]
    [InlineData(20)]
    [InlineData(100)]
    public void Run_Digits_IsStrongerThanSparseStepsWithAsManyGradients(int gradients)
    {
        Skip.IfNot(SharedData.IsPresent, "no shared/ folder beside this checkout");
        (float[] pixels, int[] labels) = SharedData.Digits();
        FloatNetwork network = new NetworkBuilder("digits", new(1, 8, 8))
            .Flatten().Dense(64).Relu().Dense(10).Build();
        Initializer.KaimingUniform(network, 5);
        using var model = new ManagedGradientModel(network, 2);
        Trainer.Train(network, model, pixels[(Test * 64)..], labels[Test..], new()
        {
            Epochs = 10,
            Optimizer = new AdamOptimizer(0.01f),
        });
        LabelledImages images = new(network.Input, pixels[..(Test * 64)], labels[..Test]);
        AttackTarget target = AttackTarget.WhiteBox(new FloatClassifier(model));
        int Standing(IAttack attack, double epsilon) => Robustness
            .Run(attack, target, images, new(Norm.L1, new(epsilon))).Judges[0].RobustRight;

        // Each of the three radii takes one gradient more than steps.
        IAttack ours = AutoPgd.CrossEntropy(gradients - 3);
        double[] epsilons = [1, 2, 3, 4];
        int[] left = [.. epsilons.Select(e => Standing(ours, e))];
        int[] sparse = [.. epsilons.Select(e => Standing(ProjectedGradient.Pgd(gradients), e))];
        string figures = $"{string.Join(' ', left)}, sparse {string.Join(' ', sparse)}";
        Assert.True(left.Zip(sparse).All(p => p.First <= p.Second), figures);
        Assert.True(left.Sum() < sparse.Sum() - (Test / 20), figures);
    }

    [Fact]
    public void Run_NothingBreaks_TakesAGradientPerStepAndOneForEachRadius()
    {
        var task = new LinearTask(bias: 8, walls: true);
        using var model = new ManagedGradientModel(task.Network, 1);
        RobustnessResult result = Robustness.Run(
            AutoPgd.CrossEntropy(), AttackTarget.WhiteBox(new FloatClassifier(model)), task.Images,
            new(Norm.L1, new(1)));
        Assert.All(result.Images, i => Assert.Equal(103, i.GradientQueries));
    }

    /// <summary>
    /// Larger radii are for finding the way: what fools there, and not within epsilon, is nobody's
    /// adversarial image.
    /// </summary>
    [Fact]
    public void Run_FoolsInALargerRadiusOnly_IsNotBroken()
    {
        var task = new LinearTask(bias: 1.5f, walls: false);
        using var model = new ManagedGradientModel(task.Network, 1);
        var source = new FloatClassifier(model);
        int narrow = 0;
        for (int i = 0; i < task.Images.Count; i++)
        {
            double nearest = task.Nearest(i, Norm.L1);
            LabelledImages one = task.Images.Slice(i, 1);
            if (Robustness.Classify(source, one)[0] != 0) continue;
            bool Breaks(double epsilon) => Robustness.Run(
                AutoPgd.CrossEntropy(), AttackTarget.WhiteBox(source), one,
                new(Norm.L1, new(epsilon))).Images[0].FooledSource;
            Assert.False(Breaks(nearest * 0.999), $"image {i}, {nearest}");
            Assert.True(Breaks(nearest * 1.01), $"image {i}, {nearest}");
            narrow++;
        }

        Assert.InRange(narrow, 7, 12);
    }

    [Fact]
    public void Run_Trace_GoesThroughThreeRadiiWithStepsOfTheReference()
    {
        List<double> sizes = [];
        AutoPgd attack = AutoPgd.CrossEntropy(50);
        attack.Trace = (slot, _, size, _) =>
        {
            if (slot == 0) sizes.Add(size);
        };
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 1);
        var source = new FloatClassifier(model);
        Robustness.Run(
            attack, AttackTarget.Transfer(source, source), Fixtures.Bars.Images,
            new(Norm.L1, new(2)));
        Assert.Equal([6.0, 4.0, 2.0], new[] { 0, 15, 30 }.Select(i => sizes[i]));
        Assert.Equal(50, sizes.Count);

        // Within a radius a step is the radius, or the one before, or that over 1.5, but at least a
        // tenth of the radius.
        (int, int, double)[] stages = [(0, 15, 6), (15, 30, 4), (30, 50, 2)];
        foreach ((int from, int to, double radius) in stages)
            for (int i = from + 1; i < to; i++)
                Assert.True(
                    sizes[i] == radius || sizes[i] == sizes[i - 1]
                        || sizes[i] == Math.Max(sizes[i - 1] / 1.5, radius / 10),
                    $"step {i}: {sizes[i]} after {sizes[i - 1]}");
        Assert.True(sizes.Distinct().Count() > 6);
    }
}
