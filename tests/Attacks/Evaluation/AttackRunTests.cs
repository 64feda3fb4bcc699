using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>What an attack is given.</summary>
public sealed class AttackRunTests : IDisposable
{
    private static readonly LabelledImages Images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 1);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Gradients_SomeSlotsInAnyOrder_AreThoseOfAll() => Run(run =>
    {
        run.Gradients(CrossEntropyLoss.Instance);
        float[][] gradients = [.. run.Active.Select(slot => run.Gradient(slot).ToArray())];
        float[][] logits = [.. run.Active.Select(slot => run.Logits(slot).ToArray())];
        float[] losses = [.. run.Active.Select(run.Loss)];
        int[] decisions = [.. run.Active.Select(run.Decision)];
        foreach (int slot in run.Active) run.Current(slot)[0] += 0.01f;
        run.Gradients(CrossEntropyLoss.Instance);
        foreach (int slot in run.Active) run.Current(slot)[0] = run.Original(slot)[0];
        int[][] orders = [[15, 16, 17], [1, 5, 2, 4], [9, 12, 30], [20, 18, 21], [40]];
        foreach (int[] slots in orders) run.Gradients(CrossEntropyLoss.Instance, some: slots);
        foreach (int slot in orders.SelectMany(o => o))
        {
            Assert.Equal(gradients[slot], run.Gradient(slot));
            Assert.Equal(logits[slot], run.Logits(slot));
            Assert.Equal(losses[slot], run.Loss(slot));
            Assert.Equal(decisions[slot], run.Decision(slot));
        }

        // The others were left alone.
        Assert.NotEqual(logits[0], run.Logits(0).ToArray());
    });

    [Fact]
    public void Gradients_SteadyState_AllocateNothing() => Run(run =>
    {
        void Once()
        {
            run.Gradients(CrossEntropyLoss.Instance);
            for (int i = 0; i < run.Active.Count; i++)
                Ascent.Step(
                    Norm.Linf, run.Gradient(run.Active[i]), 0.001, run.Current(run.Active[i]));
        }

        for (int i = 0; i < 5; i++) Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    });

    private void Run(Action<AttackRun> work)
    {
        var source = new FloatClassifier(_model);
        bool hasRun = false;
        Robustness.Run(
            new Probe(run =>
            {
                work(run);
                hasRun = true;
            }),
            AttackTarget.Transfer(source, source),
            Images with { Labels = Robustness.Classify(source, Images) },
            new(Norm.Linf, new(0.1)));
        Assert.True(hasRun);
    }

    private sealed class Probe(Action<AttackRun> work) : IAttack
    {
        public string Name => "probe";

        public Knowledge Needs => Knowledge.Gradients;

        public void Run(AttackRun run) => work(run);
    }
}
