using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// On a linear model the worst margin within a budget and [0, 1] is known, and with it the nearest
/// boundary. Every attack that there is, with its authors' numbers and under every norm that it
/// knows, has to come as near as the README's table says (<see cref="Shortfalls"/>) and may not
/// pass.
/// </summary>
public class LinearModelTests
{
    private const double Exact = Shortfalls.Exact;

    public static TheoryData<string, Norm, bool> Attacks
    {
        get
        {
            TheoryData<string, Norm, bool> data = [];
            foreach (Norm norm in Enum.GetValues<Norm>())
                foreach (IAttack attack in AttackRegistry.All(norm))
                    if (attack.WhyNot(norm) is null)
                        foreach (bool walls in new[] { false, true })
                            data.Add(attack.Name, norm, walls);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_LinearModel_ReachesTheWorstMarginAndNotMore(
        string name, Norm norm, bool walls)
    {
        Shortfall allowed = Shortfalls.Of(name, norm);
        double tolerance = walls ? allowed.Walls : allowed.Open;
        IAttack attack = AttackRegistry.All(norm).Single(a => a.Name == name);
        if (attack.IsMinimalNorm) CheckDistances(attack, norm, walls, tolerance);
        else CheckGains(attack, norm, walls, tolerance);
    }

    /// <summary>
    /// Whoever is attacked and judges itself: what the closed form says can be broken, less what
    /// the table allows, is, and nothing else.
    /// </summary>
    [Theory]
    [MemberData(nameof(Attacks))]
    public void Run_EveryThreatModel_BreaksWhatCanBeBroken(string name, Norm norm, bool walls)
    {
        IAttack attack = AttackRegistry.All(norm).Single(a => a.Name == name);
        // Under L1 single pixels go all their way: their walls are near.
        Shortfall allowed = Shortfalls.Of(name, norm);
        double tolerance = walls || norm == Norm.L1 ? allowed.Walls : allowed.Open;
        if (double.IsInfinity(tolerance)) return;
        var task = new LinearTask(bias: 0.3f, walls);
        double epsilon = Enumerable.Range(0, task.Images.Count)
            .Select(i => task.Nearest(i, norm)).Order().ElementAt(task.Images.Count / 2);
        using var model = new ManagedGradientModel(task.Network, 1);
        var source = new FloatClassifier(model);
        AttackTarget[] targets =
        [
            AttackTarget.WhiteBox(source), AttackTarget.WhiteBox(source, source),
            AttackTarget.InExpectation(source, 1), AttackTarget.Score(source),
            AttackTarget.Label(source),
        ];
        foreach (AttackTarget target in targets.Where(t => t.Shows >= attack.Needs))
        {
            JudgeResult judge = Robustness.Run(
                attack, target, task.Images, new(norm, new(epsilon))).Judges[0];
            for (int i = 0; i < task.Images.Count; i++)
            {
                // Nearer than this the last bits of a float32 logit decide.
                double margin = task.Margin(task.Images.Image(i)),
                    most = task.Most(i, norm, epsilon);
                if (margin < 0.02) continue;
                if (most < margin - 1e-5)
                    Assert.True(judge.IsRobust(i), $"{target.Threat}, image {i}: {most}, {margin}");
                if (most * (1 - tolerance) / (1 + tolerance) > margin + 1e-5)
                    Assert.False(
                        judge.IsRobust(i), $"{target.Threat}, image {i}: {most}, {margin}");
            }
        }
    }

    [Fact]
    public void Registry_EveryKindOfAttack_IsHeldToSomething()
    {
        Assert.Empty(AttackRegistry.Forgotten());
        var known = Enum.GetValues<Norm>().SelectMany(norm => AttackRegistry.All(norm)
            .Where(a => a.WhyNot(norm) is null)
            .Select(a => (AttackRegistry.Family(a.Name), norm)));
        Assert.Equal(known.Order(), Shortfalls.All.Keys.Order());
    }

    /// <summary>Where no wall is near the closed form is epsilon times the dual norm.</summary>
    [Theory]
    [InlineData(Norm.Linf)]
    [InlineData(Norm.L2)]
    [InlineData(Norm.L1)]
    public void Most_NoWallNear_IsTheDualNorm(Norm norm)
    {
        var task = new LinearTask(bias: 8, walls: false);
        for (int i = 0; i < task.Images.Count; i++)
            Assert.Equal(0.3 * task.Dual(norm), task.Most(i, norm, 0.3), 1e-9);
    }

    /// <summary>Margins of 8 and more, so that nobody is broken or skipped.</summary>
    private static void CheckGains(IAttack made, Norm norm, bool walls, double tolerance)
    {
        var task = new LinearTask(bias: 8, walls);
        double epsilon = norm switch
        {
            Norm.Linf => 0.1,
            Norm.L2 => walls ? 0.5 : 0.2,
            _ => walls ? 1.5 : 0.3,
        };
        using var model = new ManagedGradientModel(task.Network, 1);
        var source = new FloatClassifier(model);
        RobustnessResult result = Robustness.Run(
            Bind(made, task), AttackTarget.Transfer(source, source), task.Images,
            new(norm, new(epsilon)));
        for (int i = 0; i < task.Images.Count; i++)
        {
            double most = task.Most(i, norm, epsilon), gain = task.Gain(i, result.Adversarial);
            Assert.True(gain <= most + Exact, $"image {i}: {gain} passes {most}");
            Assert.True(gain >= most * (1 - tolerance), $"image {i}: {gain} of {most}");
        }
    }

    private static void CheckDistances(IAttack attack, Norm norm, bool walls, double tolerance)
    {
        var task = new LinearTask(bias: 0.3f, walls);
        using var model = new ManagedGradientModel(task.Network, 1);
        RobustnessResult result = Robustness.Run(
            attack, AttackTarget.WhiteBox(new FloatClassifier(model)), task.Images,
            new(norm, Epsilon.Unbounded));
        int checkedImages = 0;
        for (int i = 0; i < task.Images.Count; i++)
        {
            // Nearer than this the last bits of a float32 logit decide.
            if (task.Margin(task.Images.Image(i)) < 0.02) continue;
            checkedImages++;
            double nearest = task.Nearest(i, norm), found = result.Images[i].Distance;
            Assert.True(result.Images[i].FooledSource, $"image {i}: not broken");
            Assert.True(found >= nearest - Exact, $"image {i}: {found} passes {nearest}");
            Assert.True(found <= nearest * (1 + tolerance), $"image {i}: {found}, not {nearest}");
        }

        Assert.True(checkedImages >= 8, $"{checkedImages} images");
    }

    private static IAttack Bind(IAttack attack, LinearTask task) => attack is IDesignAttack design
        ? design.For(task.Network, Chip.Quantize(
            task.Network, task.Images.Pixels, "int8-acc-wrap"))
        : attack;
}
