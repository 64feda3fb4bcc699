using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Profiles;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// Hardware that reads pixels with two bits has few inputs in reach, and trying them all gives the
/// exact robust accuracy: the ensemble has to find nearly all that can be broken, and may break
/// nothing that cannot.
/// </summary>
public class BruteForceTests
{
    private const int Count = TinyLattice.Count;

    [Theory]
    [InlineData("int4", 0.2)]
    [InlineData("int4", 0.12)]
    [InlineData("int8-acc-wrap", 0.2)]
    [InlineData("int8-acc-sat", 0.2)]
    public void Ensemble_TinyLattice_MatchesBruteForce(string profile, double epsilon)
    {
        using var lattice = new TinyLattice(profile);
        (Chip chip, LabelledImages images) = (lattice.Chip, lattice.Images);
        Budget budget = new(Norm.Linf, new(epsilon));
        var ensemble = new AttackSequence(
            "ensemble", ProjectedGradient.Pgd(40), new SquareAttack(400));
        RobustnessResult result = Robustness.Run(
            ensemble, AttackTarget.WhiteBox(chip.Hardware), images, budget,
            new() { Restarts = 3 });
        bool[] safe = lattice.Safe(epsilon);
        int agree = 0;
        for (int i = 0; i < Count; i++)
        {
            bool robust = result.Judges[0].IsRobust(i);
            Assert.False(safe[i] && !robust, $"image {i} is safe and was reported broken");
            if (safe[i] == robust) agree++;
        }

        Assert.True(agree >= 0.95 * Count, $"{agree} of {Count} agree");
        Assert.InRange(safe.Count(s => s), 5, Count - 5);
    }

    /// <summary>
    /// Whatever the attacker knows, and with plain losses: nothing that is safe is broken, and
    /// those who search without gradients leave two images at most of what is not.
    /// </summary>
    [Theory]
    [InlineData("int8-wide")]
    [InlineData("int4")]
    [InlineData("int8-acc-wrap")]
    public void Run_EveryThreatModel_AgreesWithBruteForce(string profile)
    {
        using var lattice = new TinyLattice(profile);
        (Chip chip, LabelledImages images) = (lattice.Chip, lattice.Images);
        bool[] safe = lattice.Safe(0.2);
        (IAttack Attack, AttackTarget Target, int Left)[] threats =
        [
            (Ensemble.Standard(), chip.WhiteBox, 1),
            (Ensemble.Standard(), AttackTarget.InExpectation(chip.Hardware, 1, chip.Source), 1),
            (new SquareAttack(2000), AttackTarget.Score(chip.Hardware), 2),
            (AutoPgd.CrossEntropy(), AttackTarget.WhiteBox(chip.Hardware), Count),
            (new HopSkipJump(8), AttackTarget.Label(chip.Hardware), Count),
            (AutoPgd.CrossEntropy(), AttackTarget.Transfer(chip.Source, chip.Hardware), Count),
        ];
        foreach ((IAttack attack, AttackTarget target, int left) in threats)
        {
            JudgeResult judge = Robustness.Run(
                attack, target, images, new Budget(Norm.Linf, new(0.2))).Judges[0];
            string what = $"{attack.Name} under {target.Threat}";
            int missed = 0;
            for (int i = 0; i < Count; i++)
            {
                Assert.False(safe[i] && !judge.IsRobust(i), $"{what}: image {i} is safe");
                if (!safe[i] && judge.IsRobust(i)) missed++;
            }

            Assert.True(missed <= left, $"{what}: {missed} that can be broken stand");
        }
    }

    /// <summary>
    /// Logits of 3 bits leave most of the budget at one and the same margin: an attack that sees
    /// nothing else has to walk about on it.
    /// </summary>
    [Theory]
    [InlineData("int8-wide", 0.2)]
    [InlineData("int8-wide", 0.12)]
    [InlineData("int4", 0.2)]
    [InlineData("int4", 0.12)]
    public void Square_LogitsOfThreeBits_MatchesBruteForce(string profile, double epsilon)
    {
        using var lattice = new TinyLattice(profile, new ProfileOverride("output.bits", "3"));
        LabelledImages images = lattice.Images;
        RobustnessResult result = Robustness.Run(
            new SquareAttack(2000), AttackTarget.Score(lattice.Chip.Hardware), images,
            new Budget(Norm.Linf, new(epsilon)));
        bool[] clean = [.. result.Judges[0].CleanClasses.Zip(images.Labels, (c, l) => c == l)];
        bool[] safe = lattice.Safe(epsilon);
        int breakable = 0;
        for (int i = 0; i < Count; i++)
        {
            if (!clean[i]) continue;
            Assert.True(safe[i] == result.Judges[0].IsRobust(i), $"image {i}: safe {safe[i]}");
            if (!safe[i]) breakable++;
        }

        Assert.InRange(breakable, 5, Count - 5);
    }

    [Theory]
    [InlineData("int4")]
    [InlineData("int8-acc-wrap")]
    public void Ensemble_LargerBudget_NeverHelpsTheDefender(string profile)
    {
        using var lattice = new TinyLattice(profile);
        var ensemble = new AttackSequence(
            "ensemble", ProjectedGradient.Pgd(40), new SquareAttack(400));
        int[] standing =
        [
            .. Robustness
                .RunGrid(
                    ensemble,
                    AttackTarget.WhiteBox(lattice.Chip.Hardware),
                    lattice.Images,
                    new[] { 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1 }.Select(e => new Budget(
                        Norm.Linf, new(e))),
                    new() { Restarts = 3 }
                )
                .Select(r => r.Judges[0].RobustRight),
        ];
        Assert.Equal(standing.OrderDescending(), standing);
        Assert.Equal(0, standing[^1]);
    }
}
