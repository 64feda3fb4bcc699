using ILGPU;
using ILGPU.Runtime;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients;
using QSim.Attacks.Gradients.Ilgpu;
using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Simulator;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Ilgpu;

/// <summary>
/// Attacks that stay on a device against the same made step by step on the CPU: the same verdicts
/// and records, and the same pixels but where a gradient is so near 0 that engines differ about its
/// sign.
/// </summary>
public abstract class ClimbTests
{
    private const double Epsilon = 0.1;

    private protected static readonly FloatNetwork Network = Fixtures.Bars.Network;
    private static readonly LabelledImages Images = Fixtures.Bars.Images;

    /// <summary>Where the kernels run.</summary>
    protected abstract IBackend Device { get; }

    private IlgpuBackend Usable
    {
        get
        {
            Skip.If(Device.WhyUnavailable is not null, Device.WhyUnavailable);
            return (IlgpuBackend)Device;
        }
    }

    public static TheoryData<string> Attacks => ["fgsm", "bim", "pgd", "r-fgsm"];

    [SkippableTheory]
    [MemberData(nameof(Attacks))]
    public void FloatNetwork_WhiteBox_GivesWhatTheCpuGives(string attack) =>
        Compare(attack, model => AttackTarget.WhiteBox(new FloatClassifier(model)));

    [SkippableTheory]
    [MemberData(nameof(Attacks))]
    public void FloatNetwork_Transfer_GivesWhatTheCpuGives(string attack) =>
        Compare(attack, model =>
        {
            var source = new FloatClassifier(model);
            return AttackTarget.Transfer(source, source);
        });

    [SkippableTheory]
    [InlineData("int8-wide", "pgd")]
    [InlineData("int8-acc-wrap", "pgd")]
    [InlineData("int8-acc-sat", "fgsm")]
    [InlineData("hls4ml-default", "bim")]
    [InlineData("tflite-int8", "pgd")]
    public void Hardware_GivesWhatTheCpuGives(string profile, string attack)
    {
        QuantizedProgram program = Chip.Quantize(Network, Images.Pixels, profile);
        using var onDevice = new Simulation(program, Usable);
        using var onCpu = new Simulation(program, BackendList.Find("simd")!);
        Compare(attack, model =>
        {
            var hardware = new HardwareClassifier(
                model is ManagedGradientModel ? onCpu : onDevice, "hardware", model);
            Assert.Equal(model is not ManagedGradientModel, ((IClimber)hardware).CanClimb(Climb));
            return AttackTarget.WhiteBox(hardware);
        });
    }

    /// <summary>
    /// Two batches share one simulation, one model and the way to the device; with a grid of pixels
    /// each step asks.
    /// </summary>
    [SkippableTheory]
    [InlineData(null)]
    [InlineData(255)]
    public void Hardware_TwoBatchesTogether_GiveWhatOneGives(int? levels)
    {
        using var simulation = new Simulation(
            Chip.Quantize(Network, Images.Pixels, "int8-wide"), Usable);
        using ITrainableModel model = new IlgpuGradientEngine(Usable).Create(Network, 1);
        IClimber hardware = new HardwareClassifier(simulation, "h", model);
        Assert.Equal(2, hardware.BatchesAtOnce);
        var budget = new Budget(Norm.Linf, new(Epsilon)) { PixelLevels = levels };
        RobustnessResult expected = Run(hardware, Images.Count);
        RobustnessResult actual = Run(new SmallBatches(hardware, 2), 8);
        Assert.Equal(expected.Adversarial, actual.Adversarial);
        Assert.Equal(expected.Images, actual.Images);
        Assert.Equal(expected.Judges[0].RobustRight, actual.Judges[0].RobustRight);

        RobustnessResult Run(IDifferentiableClassifier source, int batch) => Robustness.Run(
            ProjectedGradient.Pgd(steps: 5), AttackTarget.WhiteBox(source), Images, budget,
            new() { BatchSize = batch });
    }

    [SkippableFact]
    public void Hardware_OnAnotherDevice_ClimbsStepByStep()
    {
        QuantizedProgram program = Chip.Quantize(Network, Images.Pixels, "int8-wide");
        using var simulation = new Simulation(program, BackendList.Find("simd")!);
        using ITrainableModel model = new IlgpuGradientEngine(Usable).Create(Network, 1);
        IClimber guided = new HardwareClassifier(simulation, "h", model);
        IClimber alone = new HardwareClassifier(simulation, "h");
        Assert.False(guided.CanClimb(Climb));
        Assert.Equal(1, guided.BatchesAtOnce);
        Assert.False(alone.CanClimb(Climb));
    }

    /// <summary>
    /// Kernels divide pixels exactly: a program that rounds the quotient to float32 first climbs
    /// step by step.
    /// </summary>
    [SkippableFact]
    public void Hardware_Float32Quotient_ClimbsStepByStep()
    {
        QuantizedProgram program = Chip.Quantize(Network, Images.Pixels, "int8-wide");
        using var exact = new Simulation(program, Usable);
        using var rounded = new Simulation(
            program with { Input = program.Input with { HasFloat32Quotient = true } }, Usable);
        using ITrainableModel model = new IlgpuGradientEngine(Usable).Create(Network, 1);
        Assert.True(((IClimber)new HardwareClassifier(exact, "h", model)).CanClimb(Climb));
        Assert.False(((IClimber)new HardwareClassifier(rounded, "h", model)).CanClimb(Climb));
    }

    [SkippableFact]
    public void Grid_Momentum_AndL2_ClimbStepByStep()
    {
        using ITrainableModel model = new IlgpuGradientEngine(Usable).Create(Network, 1);
        AttackTarget target = AttackTarget.WhiteBox(new FloatClassifier(model));
        foreach ((IAttack attack, Budget budget) in new (IAttack, Budget)[]
        {
            (ProjectedGradient.Bim(), new(Norm.Linf, new(Epsilon)) { PixelLevels = 255 }),
            (ProjectedGradient.MiFgsm(), new(Norm.Linf, new(Epsilon))),
            (ProjectedGradient.Bim(), new(Norm.L2, new(0.5))),
        })
        {
            RobustnessResult result = Robustness.Run(attack, target, Images, budget);
            Assert.InRange(result.Judges[0].RobustAccuracy, 0, 0.999);
        }
    }

    /// <summary>Where a climb ends nobody has to ask again.</summary>
    [SkippableTheory]
    [InlineData(null)]
    [InlineData("int8-wide")]
    [InlineData("hls4ml-default")]
    public void Make_GivesTheAnswersOfAQuestionWhereItEnds(string? profile)
    {
        using ITrainableModel model = new IlgpuGradientEngine(Usable).Create(Network, 1);
        using Simulation? simulation = profile is null
            ? null
            : new(Chip.Quantize(Network, Images.Pixels, profile), Usable);
        IClimber climber = simulation is null
            ? new FloatClassifier(model)
            : new HardwareClassifier(simulation, "h", model);
        ClimbImages images = Start();
        climber.Make(Climb with { StopsAtFooled = false }, images, CancellationToken.None);

        float[] logits = new float[images.Logits.Length];
        int[] classes = new int[Images.Count];
        climber.Classify(
            images.Pixels, [.. Enumerable.Range(0, Images.Count).Select(i => (long)i)], logits,
            classes);
        Assert.Equal(Bits(logits), Bits(images.Logits));
        Assert.Equal(classes, images.Decisions);
        Assert.NotEqual(images.Classes, images.Decisions);
    }

    [SkippableTheory]
    [MemberData(nameof(PixelVectorsTests.Epsilons), MemberType = typeof(PixelVectorsTests))]
    public void Bound_GivesTheBoundsOfTheHost(double epsilon)
    {
        DeviceSession session = Usable.Open();
        (float[] originals, float[] pixels) = PixelVectorsTests.Pixels();
        var host = new PixelBounds(
            originals, originals.Length, new(Norm.Linf, new(epsilon)));
        Accelerator on = session.Accelerator;
        lock (session)
        {
            using MemoryBuffer1D<float, Stride1D.Dense> images = on.Allocate1D(pixels),
                low = on.Allocate1D(originals), high = on.Allocate1D<float>(pixels.Length);
            GradientKernels.Of(session).Bound(
                on.DefaultStream, pixels.Length, images.View, low.View, high.View, epsilon);
            on.DefaultStream.Synchronize();
            host.Constrain(0, pixels);
            Assert.Equal(Bits(host.Low), Bits(low.GetAsArray1D()));
            Assert.Equal(Bits(host.High), Bits(high.GetAsArray1D()));
            Assert.Equal(pixels, images.GetAsArray1D());
        }
    }

    private protected static Climb Climb => new(
        CrossEntropyLoss.Instance, 1, 0.1f, new(Norm.Linf, new(Epsilon)), StopsAtFooled: true);

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];

    private protected void Make(IBackend device, ClimbImages images)
    {
        using ITrainableModel model =
            new IlgpuGradientEngine((IlgpuBackend)device).Create(Network, 1);
        IClimber climber = new FloatClassifier(model);
        climber.Make(Climb with { StopsAtFooled = false }, images, CancellationToken.None);
    }

    private protected static ClimbImages Start(int? count = null)
    {
        LabelledImages some = Images.Slice(0, count ?? Images.Count);
        return new(
            [.. some.Pixels], some.Pixels, some.Labels, new float[some.Count * Network.Classes]);
    }

    private void Compare(string attack, Func<ITrainableModel, AttackTarget> target)
    {
        using ITrainableModel device = new IlgpuGradientEngine(Usable).Create(Network, 1);
        using var managed = new ManagedGradientModel(Network, 1);
        RobustnessResult expected = Run(attack, target(managed)),
            actual = Run(attack, target(device));
        Assert.Equal(expected.Judges[0].RobustRight, actual.Judges[0].RobustRight);
        int same = expected.Images.Zip(actual.Images).Count(i =>
            (i.First.FooledSource, i.First.Queries, i.First.GradientQueries, i.First.ZeroGradients,
                i.First.BrokenAtAttempt, i.First.BrokenLate, i.First.DiesIn)
            == (i.Second.FooledSource, i.Second.Queries, i.Second.GradientQueries,
                i.Second.ZeroGradients, i.Second.BrokenAtAttempt, i.Second.BrokenLate,
                i.Second.DiesIn));
        Assert.InRange(same, Images.Count - 1, Images.Count);
        int pixels = expected.Adversarial.Zip(actual.Adversarial).Count(p => p.First == p.Second);
        Assert.InRange(
            pixels, (int)(0.99 * expected.Adversarial.Length), expected.Adversarial.Length);
    }

    private RobustnessResult Run(string attack, AttackTarget target) => Robustness.Run(
        attack switch
        {
            "fgsm" => ProjectedGradient.Fgsm(),
            "bim" => ProjectedGradient.Bim(),
            "r-fgsm" => ProjectedGradient.RFgsm(),
            _ => ProjectedGradient.Pgd(steps: 10),
        },
        target, Images, new(Norm.Linf, new(Epsilon)), new() { Restarts = 2 });
}

/// <summary>On the first OpenCL device.</summary>
public sealed class OpenClClimbTests : ClimbTests
{
    private static readonly IBackend First =
        TestDevices.OpenCl("opencl:climbs", specializes: false);

    protected override IBackend Device => First;
}

/// <summary>On the first CUDA device: bench/Cuda will do.</summary>
[Trait("Device", "cuda")]
public sealed class CudaClimbTests : ClimbTests
{
    protected override IBackend Device => BackendList.Find("cuda")!;
}
