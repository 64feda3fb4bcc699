using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Recipes;
using QSim.Simulator.Networks;

namespace QSim.Runner.Tests.Studies;

/// <summary>Models, which may hold native memory, are let go of however a study ends.</summary>
public class DisposalTests
{
    private static readonly StudySettings Settings = new()
    {
        Profiles = ["int4", "int8-wide"],
        Attacks = ["overflow"],
        Epsilons = [new(0.1)],
        Epochs = 1,
        Images = 4,
        CalibrationImages = 16,
        Training = new() { Quantize = HardwareInTraining.Weights },
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Train_ThatEndsEarly_LetsGoOfEveryModel(bool isPerProfile)
    {
        var engine = new CountingEngine { MostSteps = isPerProfile ? 50 : 3 };
        StudyInputs inputs =
            StudyInputs.Read(Settings, new DataFolders([])) with { Gradients = engine };
        var networks = new NetworkCache(new ContentCache(null));

        Assert.Throws<OperationCanceledException>(() => NetworkList.Train(
            inputs, new ContentKeys(inputs.Resolve()), networks, 1, new Unseen(),
            CancellationToken.None));

        Assert.InRange(engine.Made, isPerProfile ? 3 : 1, int.MaxValue);
        Assert.Equal(engine.Made, engine.Disposed);
    }

    [Fact]
    public void Bind_AttackOfADesign_EndsWithTheBinding()
    {
        var attack = new Design();
        FloatNetwork network = NetworkPresets.Create("digits-cnn");
        using var classifier = new ManagedGradientModel(network);

        using (BoundAttack bound = StudyTargets.Bind(
            attack, network, new FloatClassifier(classifier)))
            Assert.Same(attack.Made, bound.Attack);
        Assert.True(attack.Made.IsDisposed);

        using (StudyTargets.Bind(attack.Made, network, new FloatClassifier(classifier)))
            attack.Made.IsDisposed = false;
        Assert.False(attack.Made.IsDisposed);
    }

    private sealed class Design : IDesignAttack
    {
        public OwnAttack Made { get; } = new();

        public string Name => "design";

        public Knowledge Needs => Knowledge.Labels;

        public IAttack For(
            FloatNetwork network, QuantizedProgram? program, IGradientEngine? gradients) => Made;

        public void Run(AttackRun run)
        {
        }
    }

    private sealed class OwnAttack : IAttack, IDisposable
    {
        public bool IsDisposed { get; set; }

        public string Name => "own";

        public Knowledge Needs => Knowledge.Labels;

        public void Run(AttackRun run)
        {
        }

        public void Dispose() => IsDisposed = true;
    }

    /// <summary>The managed engine, which counts its models and stops training.</summary>
    private sealed class CountingEngine : IGradientEngine
    {
        private int _steps;

        public int Made { get; private set; }

        public int Disposed { get; private set; }

        public int MostSteps { get; init; }

        public string Name => "counting";

        public string Description => "";

        public string? WhyUnavailable => null;

        public ITrainableModel Create(FloatNetwork network, int threads)
        {
            Made++;
            return new Model(this, new ManagedGradientModel(network, threads));
        }

        private sealed class Model(CountingEngine engine, ManagedGradientModel model)
            : ITrainableModel
        {
            public string Engine => model.Engine;

            public TensorShape Input => model.Input;

            public int Classes => model.Classes;

            public int ParameterCount => model.ParameterCount;

            public void Logits(ReadOnlySpan<float> images, int count, Span<float> logits) =>
                model.Logits(images, count, logits);

            public void Gradients(
                ReadOnlySpan<float> images, ReadOnlySpan<int> labels, ILoss loss,
                Span<float> gradients, Span<float> losses, Span<float> logits,
                IActivations? given) =>
                model.Gradients(images, labels, loss, gradients, losses, logits, given);

            public void ParameterGradients(
                ReadOnlySpan<float> images, ReadOnlySpan<int> labels, ILoss loss,
                Span<float> gradients, Span<float> losses, Span<float> logits)
            {
                if (engine._steps++ >= engine.MostSteps) throw new OperationCanceledException();
                model.ParameterGradients(images, labels, loss, gradients, losses, logits);
            }

            public void Refresh() => model.Refresh();

            public void Dispose()
            {
                engine.Disposed++;
                model.Dispose();
            }
        }
    }

    private sealed class Unseen : IProgressSink
    {
        public void Begin(string stage)
        {
        }

        public void Report(double share, string detail)
        {
        }
    }
}
