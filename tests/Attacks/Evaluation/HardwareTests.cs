using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Gradients;
using QSim.Kernels.Backends;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

public sealed class HardwareTests : IDisposable
{
    private readonly FloatNetwork _network = Fixtures.Bars.Network;
    private readonly LabelledImages _images = Fixtures.Bars.Images;
    private readonly ManagedGradientModel _model = new(Fixtures.Bars.Network, 2);
    private readonly List<Simulation> _simulations = [];

    private static readonly string[] Names = ["int4", "int8-acc-sat", "int8-acc-wrap", "int8-wide"];

    public static TheoryData<string> Profiles => [.. Names];

    public void Dispose()
    {
        _simulations.ForEach(s => s.Dispose());
        _model.Dispose();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void WhiteBox_Pgd_IsAtLeastAsStrongAsTransfer(string profile)
    {
        HardwareClassifier hardware = Hardware(profile);
        int transfer = 0, whiteBox = 0;
        foreach (string epsilon in new[] { "0.08", "0.1", "0.15", "0.2" })
        {
            Budget budget = new(Norm.Linf, Epsilon.Parse(epsilon));
            transfer += Robustness
                .Run(
                    ProjectedGradient.Pgd(),
                    AttackTarget.Transfer(new FloatClassifier(_model), hardware), _images, budget)
                .Judges[0]
                .RobustRight;
            whiteBox += Robustness
                .Run(
                    ProjectedGradient.Pgd(), AttackTarget.WhiteBox(hardware), _images, budget,
                    new() { Restarts = 10 })
                .Judges[0]
                .RobustRight;
        }

        Assert.True(whiteBox <= transfer, $"{whiteBox} above {transfer}");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void WhiteBox_AnyBatchOrShard_GivesTheSameBytes(string profile)
    {
        AttackTarget target = AttackTarget.WhiteBox(Hardware(profile));
        Budget budget = new(Norm.Linf, Epsilon.Parse("20/255"));
        float[] expected = Robustness
            .Run(ProjectedGradient.Pgd(5), target, _images, budget)
            .Adversarial;
        Assert.Equal(
            expected,
            Robustness
                .Run(ProjectedGradient.Pgd(5), target, _images, budget, new() { BatchSize = 13 })
                .Adversarial
        );
        Assert.Equal(
            expected[(7 * 36)..(30 * 36)],
            Robustness
                .Run(ProjectedGradient.Pgd(5), target, _images.Slice(7, 23), budget)
                .Adversarial
        );
    }

    [Fact]
    public void Transfer_ManyProfiles_AreJudgedOnOneAttack()
    {
        HardwareClassifier[] hardware = [.. Names.Select(n => Hardware(n))];
        RobustnessResult result = Robustness.Run(
            ProjectedGradient.Pgd(5), AttackTarget.Transfer(new FloatClassifier(_model), hardware),
            _images, new(Norm.Linf, new(0.1)));
        Assert.Equal(hardware.Length, result.Judges.Count);
        for (int j = 0; j < hardware.Length; j++)
            Assert.Equal(
                Robustness.Classify(hardware[j], _images, result.Adversarial),
                result.Judges[j].AdversarialClasses);
        Assert.All(result.Images, i => Assert.Equal(i.WasAttacked ? 6 : 0, i.Queries));
    }

    [Fact]
    public void Transfer_FourProfiles_HasEveryPair()
    {
        HardwareClassifier[] hardware = [.. Names.Select(n => Hardware(n))];
        Budget budget = new(Norm.Linf, new(0.15));
        RobustnessResult[] rows =
        [
            .. hardware.Select(source => Robustness.Run(
                ProjectedGradient.Pgd(10), AttackTarget.Transfer(source, hardware), _images,
                budget)),
        ];
        Assert.Equal(hardware.Select(h => h.Name), rows.Select(r => r.Source));
        for (int source = 0; source < rows.Length; source++)
        {
            Assert.Equal(hardware.Select(h => h.Name), rows[source].Judges.Select(j => j.Name));
            int own = rows[source].Judges[source].RobustRight;
            Assert.True(own < 0.6 * rows[source].Judges[source].CleanRight, $"{own}");
        }
    }

    [Fact]
    public void InExpectation_StochasticRounding_IsReproducibleAndBreaksMoreThanNoise()
    {
        HardwareClassifier hardware = Hardware(
            "int4", new ProfileOverride("requantize.rounding", "STOCHASTIC"));
        AttackTarget target = AttackTarget.InExpectation(hardware, draws: 4);
        Budget budget = new(Norm.Linf, new(0.15));
        RobustnessResult attacked = Robustness.Run(
            ProjectedGradient.Pgd(8), target, _images, budget);
        Assert.Equal(
            attacked.Adversarial,
            Robustness
                .Run(ProjectedGradient.Pgd(8), target, _images, budget, new() { BatchSize = 17 })
                .Adversarial
        );
        int noise = Robustness
            .Run(new UniformNoise(), AttackTarget.Label(hardware), _images, budget)
            .Judges[0]
            .RobustRight;
        Assert.True(
            attacked.Judges[0].RobustRight < noise - 15,
            $"{attacked.Judges[0].RobustRight}, noise {noise}");

        // Draws differ from one another, else there would be nothing to take the mean of.
        float[] logits = new float[180], other = new float[180];
        long[] indices = [.. Enumerable.Range(0, 60)];
        hardware.Classify(_images.Pixels, indices, logits, new int[60]);
        hardware.Classify(
            _images.Pixels, [.. indices.Select(i => i + (1L << 24))], other, new int[60]);
        Assert.NotEqual(logits, other);
    }

    [Fact]
    public void Classify_EqualLogits_TakesTheLowestIndex()
    {
        FloatNetwork network = Fixtures.Linear([0, 1, 1, 0, 1, 0], [0, 0, 0]);
        using var chip = new Chip(network, new float[] { 0, 1, 1, 0 }, "int8-wide");
        int[] classes = new int[2];
        float[] logits = new float[6];
        chip.Hardware.Classify([0.5f, 0.1f, 0.1f, 0.5f], [0, 1], logits, classes);
        Assert.Equal(logits[1], logits[2]);
        Assert.Equal([1, 0], classes);
    }

    /// <summary>
    /// Layers that only some networks have: one that rounds like any other must not cut batches.
    /// </summary>
    [Theory]
    [InlineData("residual")]
    [InlineData("sigmoid")]
    [InlineData("softmax")]
    public void IsStochastic_EveryLayerType_FollowsTheProfile(string name)
    {
        FloatNetwork network = BatchNormFolding.ForHardware(TestNetworks.Create(name));
        foreach (bool random in new[] { false, true })
        {
            ProfileOverride[] overrides = random
                ?
                [
                    new("mac.accumulator.fraction_bits", "8"),
                    new("mac.accumulator.rounding", "STOCHASTIC"),
                ]
                : [];
            using var chip = new Chip(
                network, TestNetworks.Images(network, 20), "hls4ml-default", overrides);
            Assert.Equal(random, chip.Hardware.IsStochastic);
        }
    }

    private HardwareClassifier Hardware(string profile, params ProfileOverride[] overrides)
    {
        var program = Chip.Quantize(_network, _images.Pixels, profile, overrides);
        _simulations.Add(new(program, BackendList.Best(program)));
        return new(_simulations[^1], profile, _model);
    }
}
