using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Methods;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>
/// Batches shared out among threads against the plain form: one thread, which makes one run of a
/// batch, step by step.
/// </summary>
public sealed class ThreadsTests : IDisposable
{
    private static readonly LabelledImages Images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _plain = new(Fixtures.Bars.Network, 1);

    public static TheoryData<string, Norm> Attacks => AttackCatalogue.NamesAndNorms;

    public void Dispose() => _plain.Dispose();

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_AnyThreads_GivesTheSameBitsAndCounts(string attack, Norm norm)
    {
        Budget budget = new(norm, new(norm switch { Norm.Linf => 0.2, Norm.L2 => 0.9, _ => 5 }));
        foreach (bool isTransfer in new[] { true, false })
        {
            RobustnessResult expected = Run(attack, isTransfer, budget, _plain);
            foreach (int threads in new[] { 2, 3, 7 })
            {
                using var model = new ManagedGradientModel(Fixtures.Bars.Network, threads);
                Assert.Equal(threads, model.Views.Count);
                AssertSame(expected, attack, isTransfer, budget, model);
            }
        }
    }

    [Theory]
    [InlineData("bim", Norm.Linf)]
    [InlineData("mi-fgsm", Norm.L2)]
    [InlineData("pgd-10", Norm.L1)]
    [InlineData("pgd-10", Norm.Linf)]
    public void Run_PixelGridAndRestarts_GivesTheSameBitsAndCounts(string attack, Norm norm)
    {
        Budget budget = new(norm, new(norm switch { Norm.Linf => 0.1, Norm.L2 => 0.5, _ => 3 }))
        {
            PixelLevels = 15,
        };
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 2);
        foreach (bool isTransfer in new[] { true, false })
            AssertSame(
                Run(attack, isTransfer, budget, _plain, restarts: 3), attack, isTransfer, budget,
                model, restarts: 3);
    }

    [Fact]
    public void Run_AttackThatRunsAlone_SeesTheWholeBatch()
    {
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 3);
        List<int> counts = [];
        Run(new Probe(true, run => counts.Add(run.Count)), Target(model, true));
        Assert.Equal([Images.Count], counts);
    }

    [Fact]
    public void Run_Failures_SurfaceAsThemselves()
    {
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 3);
        var failing = new Probe(false, _ => throw new NotSupportedException("no"));
        Assert.Throws<NotSupportedException>(() => Run(failing, Target(model, true)));
        using var source = new CancellationTokenSource();
        var cancelling = new Probe(false, run =>
        {
            source.Cancel();
            run.Query();
        });
        Assert.Throws<OperationCanceledException>(
            () => Run(cancelling, Target(model, false), source.Token));
    }

    private static void Run(
        IAttack attack, AttackTarget target, CancellationToken cancellation = default) =>
        Robustness.Run(
            attack, target, Images, new(Norm.Linf, new(0.1)), cancellation: cancellation);

    private static AttackTarget Target(ManagedGradientModel model, bool isTransfer)
    {
        var source = new FloatClassifier(model);
        return isTransfer ? AttackTarget.Transfer(source, source) : AttackTarget.WhiteBox(source);
    }

    private static RobustnessResult Run(
        string attack, bool isTransfer, Budget budget, ManagedGradientModel by, int batch = 256,
        int restarts = 1) => Robustness.Run(
        AttackCatalogue.Get(attack), Target(by, isTransfer), Images, budget,
        new() { BatchSize = batch, Restarts = restarts });

    private static void AssertSame(
        RobustnessResult expected, string attack, bool isTransfer, Budget budget,
        ManagedGradientModel model, int restarts = 1)
    {
        foreach (int batch in new[] { 256, 37 })
        {
            RobustnessResult actual = Run(attack, isTransfer, budget, model, batch, restarts);
            Assert.Equal(expected.Adversarial, actual.Adversarial);
            Assert.Equal(expected.Images, actual.Images);
        }
    }

    private sealed class Probe(bool runsAlone, Action<AttackRun> work) : IAttack
    {
        public string Name => "probe";

        public Knowledge Needs => Knowledge.Labels;

        public bool RunsAlone => runsAlone;

        public void Run(AttackRun run) => work(run);
    }
}
