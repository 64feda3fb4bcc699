using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

public sealed class CleanVerdictsTests : IDisposable
{
    private const int Profiles = 50;
    private static readonly LabelledImages Images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 2);

    public void Dispose() => _model.Dispose();

    /// <summary>
    /// One attack and a pass per profile for each budget, and a pass per profile over the clean
    /// images for all attacks and budgets together: counted, not timed.
    /// </summary>
    [Fact]
    public void Transfer_FiftyProfiles_TakesOneAttackAndAPassEachAndCleanPassesOnce()
    {
        var source = new FloatClassifier(_model);
        Counting[] judges =
            [.. Enumerable.Range(0, Profiles).Select(i => new Counting(source, $"chip {i}"))];
        AttackOptions options = new() { Clean = new(Images) };
        Budget[] budgets = [new(Norm.Linf, new(0.05)), new(Norm.Linf, new(0.1))];
        IAttack[] attacks = [ProjectedGradient.Fgsm(), ProjectedGradient.Pgd(5)];
        foreach (IAttack attack in attacks)
        {
            RobustnessResult[] results = [.. Robustness.RunGrid(
                attack, AttackTarget.Transfer(source, judges), Images, budgets, options)];
            Assert.All(results, r => Assert.Equal(Profiles, r.Judges.Count));
        }

        int perJudge = Images.Count * (1 + (attacks.Length * budgets.Length));
        Assert.All(judges, j => Assert.Equal(perJudge, j.Classified));
    }

    [Fact]
    public void Of_AskedTwice_AsksTheClassifierOnce()
    {
        var counting = new Counting(new FloatClassifier(_model), "chip");
        var clean = new CleanVerdicts(Images);
        int[] first = clean.Of([counting, counting], Images, batchSize: 7)[1];
        Assert.Same(first, clean.Of([counting], Images)[0]);
        Assert.Equal(Robustness.Classify(new FloatClassifier(_model), Images), first);
        Assert.Equal(Images.Count, counting.Classified);
    }

    [Fact]
    public void Of_OtherImages_IsRefused()
    {
        var source = new FloatClassifier(_model);
        AttackOptions options = new() { Clean = new(Images) };
        Assert.Throws<ArgumentException>(() => Robustness.Run(
            ProjectedGradient.Fgsm(), AttackTarget.WhiteBox(source), Images.Slice(0, 5),
            new(Norm.Linf, new(0.1)), options));
    }

    private sealed class Counting(IClassifier like, string name) : IClassifier
    {
        public int Classified { get; private set; }

        public string Name => name;

        public TensorShape Input => like.Input;

        public int Classes => like.Classes;

        public void Classify(
            ReadOnlySpan<float> images, ReadOnlySpan<long> indices, Span<float> logits,
            Span<int> classes)
        {
            Classified += indices.Length;
            like.Classify(images, indices, logits, classes);
        }
    }
}
