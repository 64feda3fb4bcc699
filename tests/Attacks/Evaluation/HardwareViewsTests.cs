using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Gradients;
using QSim.Attacks.Tests.Methods;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Evaluation;

/// <summary>
/// Hardware attacked by several threads, with shared borrowed images, against one thread that makes
/// everything anew; and pixels by thresholds against pixels by division.
/// </summary>
public sealed class HardwareViewsTests
{
    [Theory]
    [InlineData("int8-wide", "ensemble", Norm.Linf, 0.15)]
    [InlineData("acc16-wrap", "ensemble", Norm.Linf, 0.15)]
    [InlineData("acc16-wrap", "ensemble", Norm.L2, 0.6)]
    [InlineData("int4", "square", Norm.Linf, 0.15)]
    [InlineData("int8-wide", "apgd-t", Norm.L2, 0.6)]
    public void Run_AnyThreads_GivesTheSameBitsAndCounts(
        string profile, string attack, Norm norm, double epsilon)
    {
        RobustnessResult expected = Run(profile, attack, new(norm, new(epsilon)), 1, null);
        foreach (int threads in new[] { 2, 3 })
            foreach (BorrowedImages? borrowed in new[] { null, new BorrowedImages() })
            {
                RobustnessResult actual = Run(
                    profile, attack, new(norm, new(epsilon)), threads, borrowed);
                Assert.Equal(expected.Adversarial, actual.Adversarial);
                Assert.Equal(expected.Images, actual.Images);
            }
    }

    /// <summary>
    /// What the float column found is what hardware would have borrowed: lent or not, the same.
    /// </summary>
    [Fact]
    public void Run_ImagesLentByTheFloatNetwork_GivesTheSame()
    {
        Budget budget = new(Norm.Linf, new(0.15));
        IAttack ensemble = AttackCatalogue.Get("ensemble");
        var borrowed = new BorrowedImages();
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 2);
        borrowed.Add(
            ensemble, 1,
            Robustness.Run(
                ensemble, AttackTarget.WhiteBox(new FloatClassifier(model)), Fixtures.Bars.Images,
                budget),
            Fixtures.Bars.Images);
        RobustnessResult lent = Run("acc16-wrap", "ensemble", budget, 2, borrowed);
        RobustnessResult made = Run("acc16-wrap", "ensemble", budget, 2, null);
        Assert.Equal(made.Adversarial, lent.Adversarial);
        Assert.Equal(made.Images, lent.Images);
    }

    /// <summary>
    /// The ensemble's own: who knows the hardware begins with what the float network gives away.
    /// </summary>
    [Theory]
    [InlineData("int8-wide")]
    [InlineData("int4")]
    [InlineData("acc16-wrap")]
    public void Ensemble_LeavesNoImageThatTransferBreaks(string profile)
    {
        Budget budget = new(Norm.Linf, new(0.1));
        LabelledImages images = Fixtures.Bars.Images;
        using var chip = Chip.Bars(profile);
        RobustnessResult transfer = Robustness.Run(
            AutoPgd.CrossEntropy(50, "apgd-ce-50"),
            AttackTarget.Transfer(chip.Source, chip.Hardware), images, budget);
        RobustnessResult knows = Robustness.Run(
            Ensemble.Standard(), chip.WhiteBox, images, budget);
        Assert.All(
            Enumerable.Range(0, images.Count),
            i => Assert.True(
                transfer.Judges[0].IsRobust(i) || !knows.Judges[0].IsRobust(i), $"image {i}"));
    }

    [Fact]
    public void Quantize_EveryShippedProfile_IsWhatDivisionGives()
    {
        foreach (string profile in ShippedProfiles.Names)
        {
            FloatNetwork network = TestNetworks.Create("mlp");
            QuantizedProgram program = Chip.Quantize(
                network, TestNetworks.Images(network, 6, seed: 9), profile);
            InputStage stage = program.Input;
            var converter = new InputConverter(stage);
            var random = new Random(5);
            foreach (float pixel in Enumerable.Range(0, 20_000).SelectMany(_ => Near(random)))
                Assert.Equal(
                    RealConversion.Quantize(
                        stage.Levels is null ? pixel : RealConversion.ByteLevel(pixel),
                        converter.Steps, stage.Rounding, converter.Target),
                    converter.Quantize(pixel, 0));
        }
    }

    /// <summary>A pixel at random, bytes, halves of them, and what is next to these.</summary>
    private static IEnumerable<float> Near(Random random)
    {
        yield return random.NextSingle();
        float level = random.Next(0, 513) / (random.Next(2) == 0 ? 512f : 510f);
        foreach (float pixel in new[]
            { level, MathF.BitIncrement(level), MathF.BitDecrement(level) })
            yield return pixel;
    }

    private static RobustnessResult Run(
        string profile, string attack, Budget budget, int threads, BorrowedImages? borrowed)
    {
        (FloatNetwork network, LabelledImages images) = Fixtures.Bars;
        using var chip = new Chip(
            Chip.Quantize(network, images.Pixels, profile), network, threads);
        Assert.Equal(threads, chip.Hardware.Views.Count);
        RobustnessResult Again() => Robustness.Run(
            AttackCatalogue.Get(attack), chip.WhiteBox, images, budget,
            new() { Borrowed = borrowed });
        if (borrowed is not null) Again();
        return Again();
    }
}
