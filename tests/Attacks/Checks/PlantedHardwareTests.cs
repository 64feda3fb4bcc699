using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Attacks.Tests.Methods;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Checks;

/// <summary>
/// Hardware on which attacks that know its bits used to leave more than was right, and on which the
/// default suite's ensemble has to reach what is known.
/// </summary>
public class PlantedHardwareTests
{
    /// <summary>
    /// Who knows the hardware has no gradient and breaks nothing; images made on the float network
    /// break all of it. The suite begins with those.
    /// </summary>
    [Fact]
    public void Run_UnitsSleepOnHardware_TheEnsembleLeavesNoMoreThanTransfer()
    {
        foreach (IAttack blind in new IAttack[]
            { ProjectedGradient.Fgsm(), ProjectedGradient.Pgd(), AutoPgd.CrossEntropy(50) })
        {
            Observation[] seen = AttackSleeping(blind);
            Assert.Equal((20, 0), (seen[0].Standing, seen[1].Standing));
            Assert.Contains("weaker_than_transfer", Checks(seen));
        }

        Observation[] strong = AttackSleeping(Ensemble.Standard());
        Assert.Equal((0, 0), (strong[0].Standing, strong[1].Standing));
        Assert.Empty(Checks(strong));
    }

    /// <summary>
    /// Logits of 6 bits whose step is in the hundreds: cross-entropy of two of them that differ has
    /// no gradient in float32. Losses of ratios and margins have one, and the ensemble holds some.
    /// </summary>
    [Theory]
    [InlineData("int8-wide", 0.2)]
    [InlineData("int8-wide", 0.12)]
    [InlineData("int4", 0.2)]
    public void Run_LogitsOfSixBitsSaturateCrossEntropy_TheEnsembleMatchesBruteForce(
        string profile, double epsilon)
    {
        using var lattice = new TinyLattice(
            1000, profile, new ProfileOverride("output.bits", "6"));
        LabelledImages images = lattice.Images;
        JudgeResult Run(IAttack attack) => Robustness.Run(
            attack, lattice.Chip.WhiteBox, images, new(Norm.Linf, new(epsilon))).Judges[0];
        JudgeResult blind = Run(AutoPgd.CrossEntropy(50)), whole = Run(Ensemble.Standard());
        int clean = Robustness.Classify(lattice.Chip.Hardware, images).Zip(images.Labels)
            .Count(pair => pair.First == pair.Second);
        bool[] isSafe = lattice.Safe(epsilon);
        for (int i = 0; i < images.Count; i++)
            Assert.True(!isSafe[i] || whole.IsRobust(i), $"image {i} is safe");

        int safe = isSafe.Count(s => s);
        Assert.InRange(blind.RobustRight, clean - 2, clean);
        Assert.InRange(whole.RobustRight, safe, safe + 1);
        Assert.InRange(clean - safe, 5, images.Count - 5);
        foreach (IAttack sees in new IAttack[] { AutoPgd.Dlr(50), new FastAdaptiveBoundary(50) })
            Assert.True(Run(sees).RobustRight < blind.RobustRight - 2, sees.Name);
    }

    /// <summary>
    /// What an attack that knows the hardware leaves of <see cref="PlantedNetworks.Sleeping"/>, and
    /// what images made on the float network leave.
    /// </summary>
    internal static Observation[] AttackSleeping(IAttack attack)
    {
        (FloatNetwork network, LabelledImages images) = PlantedNetworks.Sleeping();
        using var chip = new Chip(network, images.Pixels, "int4");
        Budget budget = new(Norm.Linf, new(0.15));
        return
        [
            .. Observation.Of(Robustness.Run(attack, chip.WhiteBox, images, budget)),
            .. Observation.Of(Robustness.Run(
                AutoPgd.CrossEntropy(20), AttackTarget.Transfer(chip.Source, chip.Hardware),
                images, budget)),
        ];
    }

    private static string[] Checks(Observation[] seen) =>
        [.. Believability.Examine(seen).Select(d => d.Check)];
}
