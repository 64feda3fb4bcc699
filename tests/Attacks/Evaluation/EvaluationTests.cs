using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

public sealed class EvaluationTests : IDisposable
{
    private readonly FloatNetwork _network = Fixtures.Bars.Network;
    private readonly LabelledImages _images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 2);

    public static TheoryData<string> Attacks => ["fgsm", "bim", "pgd-40"];

    public void Dispose() => _model.Dispose();

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_EpsilonZero_ChangesNothing(string attack)
    {
        foreach (Norm norm in Enum.GetValues<Norm>())
        {
            RobustnessResult result = Run(Create(attack), new(norm, new(0)));
            Assert.Equal(_images.Pixels, result.Adversarial);
            Assert.Equal(result.Judges[0].CleanRight, result.Judges[0].RobustRight);
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_LargerEpsilon_BreaksMore(string attack)
    {
        double[] accuracies = [.. Robustness.RunGrid(
            Create(attack), Transfer(), _images, Grid("0", "0.05", "0.1", "0.2", "0.4"))
            .Select(r => r.Judges[0].RobustAccuracy)];
        Assert.True(accuracies[0] > 0.95, $"{accuracies[0]}");
        Assert.Equal(accuracies.OrderDescending(), accuracies);
        Assert.True(accuracies[^1] < 0.1, $"{accuracies[^1]}");
    }

    [Fact]
    public void Run_Pgd_IsAtLeastAsStrongAsFgsm()
    {
        foreach (Budget budget in Grid("0.05", "0.08", "0.1", "0.15"))
        {
            int fgsm = Run(ProjectedGradient.Fgsm(), budget).Judges[0].RobustRight;
            int pgd = Run(ProjectedGradient.Pgd(), budget).Judges[0].RobustRight;
            Assert.True(pgd <= fgsm, $"{budget}: {pgd} above {fgsm}");
        }
    }

    /// <summary>Undecided images come first, and results are the same bytes.</summary>
    [Fact]
    public void Run_SomeImagesFirst_TakesTheirBatchesUpFirst()
    {
        Budget budget = new(Norm.Linf, Epsilon.Parse("20/255"));
        bool[] first = [.. Enumerable.Range(0, _images.Count).Select(i => i >= 40 || i == 12)];
        var shares = new BatchShares(ProjectedGradient.Pgd(7), Transfer()) { First = first };
        Assert.Equal(
            [(45, 15), (30, 15), (0, 15), (15, 15)], shares.Parts(0, _images.Count, 15));
        Assert.Equal(
            Run(ProjectedGradient.Pgd(7), budget).Adversarial,
            Run(ProjectedGradient.Pgd(7), budget, new() { BatchSize = 15, First = first })
                .Adversarial);
    }

    [Fact]
    public void Run_AnyBatchThreadsOrShard_GivesTheSameBytes()
    {
        Budget budget = new(Norm.Linf, Epsilon.Parse("20/255"));
        RobustnessResult expected = Run(ProjectedGradient.Pgd(7), budget);
        foreach (int batch in new[] { 1, 7, 59 })
            Assert.Equal(
                expected.Adversarial,
                Run(ProjectedGradient.Pgd(7), budget, new() { BatchSize = batch }).Adversarial);
        using var model = new ManagedGradientModel(_network, 1);
        var single = new FloatClassifier(model);
        Assert.Equal(
            expected.Adversarial,
            Robustness
                .Run(
                    ProjectedGradient.Pgd(7), AttackTarget.Transfer(single, single), _images,
                    budget)
                .Adversarial
        );
        LabelledImages shard = _images.Slice(20, 11);
        Assert.Equal(
            expected.Adversarial[(20 * 36)..(31 * 36)],
            Robustness.Run(ProjectedGradient.Pgd(7), Transfer(), shard, budget).Adversarial);
    }

    [Fact]
    public void Run_AnotherSeed_GivesOtherStarts()
    {
        Budget budget = new(Norm.Linf, new(0.05));
        Assert.NotEqual(
            Run(ProjectedGradient.Pgd(3), budget).Adversarial,
            Run(ProjectedGradient.Pgd(3), budget, new() { Seed = 2 }).Adversarial);
    }

    [Fact]
    public void Run_MoreRestarts_NeverHelpTheDefender()
    {
        AttackTarget target = AttackTarget.WhiteBox(new FloatClassifier(_model));
        Budget budget = new(Norm.Linf, new(0.09));
        int previous = int.MaxValue;
        foreach (int restarts in new[] { 1, 2, 5 })
        {
            int robust = Robustness
                .Run(
                    ProjectedGradient.Pgd(3, 0.5), target, _images, budget,
                    new() { Restarts = restarts })
                .Judges[0]
                .RobustRight;
            Assert.True(robust <= previous);
            previous = robust;
        }
    }

    [Fact]
    public void Run_WhiteBox_LeavesBrokenImagesAlone()
    {
        RobustnessResult result = Robustness.Run(
            ProjectedGradient.Pgd(40), AttackTarget.WhiteBox(new FloatClassifier(_model)), _images,
            new(Norm.Linf, new(0.5)));
        Assert.All(result.Images, image => Assert.True(image.FooledSource && image.Queries < 40));
    }

    [Fact]
    public void Run_MisclassifiedImages_AreSkipped()
    {
        LabelledImages mislabelled = _images with
        {
            Labels = [.. _images.Labels.Select(l => (l + 1) % 3)],
        };
        RobustnessResult result = Robustness.Run(
            ProjectedGradient.Fgsm(), Transfer(), mislabelled, new(Norm.Linf, new(0.1)));
        for (int i = 0; i < mislabelled.Count; i++)
        {
            bool right = result.Judges[0].CleanClasses[i] == mislabelled.Labels[i];
            Assert.Equal(right, result.Images[i].WasAttacked);
            Assert.Equal(right ? 2 : 0, result.Images[i].Queries);
            Assert.Equal(right ? 1 : 0, result.Images[i].GradientQueries);
        }
    }

    [Fact]
    public void Run_GradientAttackOnLabels_IsRefused() =>
        Assert.Throws<ArgumentException>(() =>
            Robustness.Run(
                ProjectedGradient.Pgd(), AttackTarget.Label(new FloatClassifier(_model)), _images,
                new(Norm.Linf, new(0.1)))
        );

    [Fact]
    public void RunGrid_Cancelled_KeepsFinishedResults()
    {
        using var source = new CancellationTokenSource();
        List<RobustnessResult> results = [];
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (
                RobustnessResult result in Robustness.RunGrid(
                    ProjectedGradient.Fgsm(), Transfer(), _images, Grid("0.1", "0.2"),
                    cancellation: source.Token)
            )
            {
                results.Add(result);
                source.Cancel();
            }
        });
        Assert.Single(results);
    }

    private static ProjectedGradient Create(string name) => name switch
    {
        "fgsm" => ProjectedGradient.Fgsm(),
        "bim" => ProjectedGradient.Bim(),
        _ => ProjectedGradient.Pgd(),
    };

    private static Budget[] Grid(params string[] epsilons) =>
        [.. epsilons.Select(e => new Budget(Norm.Linf, Epsilon.Parse(e)))];

    private AttackTarget Transfer()
    {
        var source = new FloatClassifier(_model);
        return AttackTarget.Transfer(source, source);
    }

    private RobustnessResult Run(IAttack attack, Budget budget, AttackOptions? options = null) =>
        Robustness.Run(attack, Transfer(), _images, budget, options);
}
