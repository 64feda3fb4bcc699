using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using Xunit.Abstractions;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// Every kind of attack there is, with its authors' numbers, against all inputs: nothing that is
/// safe is broken, and of what can be broken each leaves no more than it is known to.
/// </summary>
public class BruteForceKindTests(ITestOutputHelper output)
{
    private const double Epsilon = 0.2;

    /// <summary>
    /// What each leaves at most of nearly 50 images that can be broken, well above what it left
    /// when this was written. Noise is no search, r-fgsm one step from anywhere, SPSA's steps are
    /// smaller than those of pixels with two bits, overflow looks for something else.
    /// </summary>
    private static readonly Dictionary<string, int> Most = new()
    {
        ["autoattack"] = 1,
        ["ensemble"] = 1,
        ["fab-t"] = 3,
        ["square"] = 4,
        ["apgd-ce"] = 6,
        ["apgd-margin"] = 6,
        ["apgd-scaled"] = 8,
        ["pgd-40"] = 6,
        ["bim"] = 6,
        ["fgsm"] = 8,
        ["mi-fgsm"] = 8,
        ["hopskipjump"] = 12,
        ["apgd-t"] = 15,
        ["apgd-dlr"] = 20,
        ["deepfool"] = 30,
    };

    [Theory]
    [InlineData("int8-wide")]
    [InlineData("int4")]
    [InlineData("int8-acc-wrap")]
    [InlineData("int8-acc-sat")]
    public void Run_EveryKind_AgreesWithBruteForce(string profile)
    {
        using var lattice = new TinyLattice(profile);
        bool[] safe = lattice.Safe(Epsilon);
        int breakable = safe.Count(s => !s), kinds = 0;
        foreach (IAttack made in AttackRegistry.All(Norm.Linf))
        {
            if (made.WhyNot(Norm.Linf) is not null) continue;
            kinds++;
            IAttack attack = made is IDesignAttack design
                ? design.For(lattice.Network, lattice.Chip.Program)
                : made;
            JudgeResult judge = Robustness.Run(
                attack, lattice.Chip.WhiteBox, lattice.Images,
                new Budget(Norm.Linf, new(Epsilon))).Judges[0];
            int left = 0;
            for (int i = 0; i < safe.Length; i++)
            {
                Assert.False(safe[i] && !judge.IsRobust(i), $"{attack.Name}: image {i} is safe");
                if (!safe[i] && judge.IsRobust(i)) left++;
            }

            output.WriteLine($"{attack.Name} leaves {left} of {breakable}");
            if (Most.TryGetValue(attack.Name, out int most))
                Assert.True(left <= most, $"{attack.Name} leaves {left} of {breakable}");
        }

        Assert.InRange(breakable, 30, 70);
        Assert.True(kinds > Most.Count, $"{kinds} kinds");
    }
}
