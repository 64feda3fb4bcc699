using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// On a linear model the worst margin within a budget and [0, 1] is known, and with it the nearest
/// boundary. Every attack that there is, with its authors' numbers and under every norm that it
/// knows, has to come as near as the table says and may not pass.
/// </summary>
public class LinearModelTests
{
    /// <summary>Float32 sums of 30 products.</summary>
    private const double Exact = 2e-6;

    /// <summary>Nothing is promised but not to pass.</summary>
    private const double Any = double.PositiveInfinity;

    /// <summary>
    /// What is missing at most, as a share: of the gain where no wall of [0, 1] is near, and where
    /// three of four pixels are at one or near. For attacks that look for the smallest change, by
    /// what share that is longer than need be.
    /// </summary>
    private static readonly Dictionary<(string Family, Norm Norm), (double Open, double Walls)>
        Shortfalls = new()
        {
            // Signs are the same in every step, and each pixel is clipped by itself.
            [("fgsm", Norm.Linf)] = (Exact, Exact),
            [("bim", Norm.Linf)] = (Exact, Exact),
            [("mi-fgsm", Norm.Linf)] = (Exact, Exact),
            [("pgd", Norm.Linf)] = (Exact, Exact),
            [("apgd-ce", Norm.Linf)] = (Exact, Exact),
            [("apgd-dlr", Norm.Linf)] = (Exact, Exact),
            [("apgd-margin", Norm.Linf)] = (Exact, Exact),
            [("apgd-t", Norm.Linf)] = (Exact, Exact),
            [("autoattack", Norm.Linf)] = (Exact, Exact),
            [("ensemble", Norm.Linf)] = (Exact, Exact),

            // Its second half of epsilon just undoes a random first half that went wrong.
            [("r-fgsm", Norm.Linf)] = (1 + Exact, 1 + Exact),

            // One step, or ten in one direction, are exact only where nothing is clipped: what is
            // clipped is lost, up to all of it where the pixel of the one step is at its wall.
            [("fgsm", Norm.L2)] = (Exact, 0.3),
            [("mi-fgsm", Norm.L2)] = (Exact, 0.3),
            [("fgsm", Norm.L1)] = (Exact, 1),
            [("mi-fgsm", Norm.L1)] = (Exact, 0.3),

            // Clipping after the projection onto the ball leaves a part of epsilon unused.
            [("bim", Norm.L2)] = (Exact, 0.03),
            [("bim", Norm.L1)] = (Exact, 0.15),
            [("pgd", Norm.L1)] = (Exact, 0.7),

            // A random start turns to the gradient by and by: after 40 steps of epsilon / 16 it is
            // a few degrees off.
            [("pgd", Norm.L2)] = (0.03, 0.08),
            [("apgd-ce", Norm.L2)] = (Exact, 0.01),
            [("apgd-dlr", Norm.L2)] = (Exact, 0.01),
            [("apgd-margin", Norm.L2)] = (Exact, 0.01),
            [("apgd-t", Norm.L2)] = (Exact, 0.01),
            [("autoattack", Norm.L2)] = (Exact, 0.01),
            [("ensemble", Norm.L2)] = (0.01, 0.01),

            // Pixels whose weights differ by little share what should be the larger one's.
            [("apgd-ce", Norm.L1)] = (Exact, 0.01),
            [("apgd-dlr", Norm.L1)] = (Exact, 0.01),
            [("apgd-margin", Norm.L1)] = (Exact, 0.01),
            [("apgd-t", Norm.L1)] = (Exact, 0.01),
            [("autoattack", Norm.L1)] = (Exact, 0.01),
            [("ensemble", Norm.L1)] = (Exact, 0.01),

            // Gradients from 64 pairs of queries, in 30 dimensions, are noisy; Linf needs only
            // their signs, L1 just the largest.
            [("spsa", Norm.Linf)] = (0.01, 0.01),
            [("spsa", Norm.L2)] = (0.06, 0.06),
            [("spsa", Norm.L1)] = (0.25, 0.3),

            // Random search: 5,000 queries are enough for 30 signs, and for lengths nearly; the
            // smallest window is three pixels wide.
            [("square", Norm.Linf)] = (Exact, Exact),
            [("square", Norm.L2)] = (0.15, 0.25),
            [("square", Norm.L1)] = (0.1, 0.2),

            // DeepFool goes 2 % and a little past the boundary on purpose.
            [("deepfool", Norm.Linf)] = (0.03, 0.03),
            [("deepfool", Norm.L2)] = (0.03, 0.03),

            // FAB and C&W stop short of the last half percent; HopSkipJump's normal is estimated.
            [("fab-t", Norm.Linf)] = (0.01, 0.01),
            [("fab-t", Norm.L2)] = (0.01, 0.01),
            [("fab-t", Norm.L1)] = (0.01, 0.01),
            [("cw", Norm.L2)] = (0.005, 0.005),
            [("hopskipjump", Norm.Linf)] = (0.01, 0.01),
            [("hopskipjump", Norm.L2)] = (0.01, 0.015),

            // Logits over their gap: rivals far behind pull as well.
            [("apgd-scaled", Norm.Linf)] = (Any, Any),
            [("apgd-scaled", Norm.L2)] = (Any, Any),
            [("apgd-scaled", Norm.L1)] = (Any, Any),

            // Noise knows no direction, and overflow presses on accumulators, not on the margin.
            [("noise", Norm.Linf)] = (Any, Any),
            [("noise", Norm.L2)] = (Any, Any),
            [("noise", Norm.L1)] = (Any, Any),
            [("overflow", Norm.Linf)] = (Any, Any),
            [("overflow", Norm.L2)] = (Any, Any),
            [("overflow", Norm.L1)] = (Any, Any),

            // Made for hardware, whose 8-bit logits it climbs at the end, not this model's.
            [("adaptive", Norm.Linf)] = (Any, Any),
            [("adaptive", Norm.L2)] = (Any, Any),
            [("adaptive", Norm.L1)] = (Any, Any),
        };

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
        Assert.True(
            Shortfalls.TryGetValue((AttackRegistry.Family(name), norm), out var shortfall),
            $"{name} under {norm}: the table has to say how near it comes, and why not nearer");
        double tolerance = walls ? shortfall.Walls : shortfall.Open;
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
        double tolerance = walls || norm == Norm.L1
            ? Shortfalls[(AttackRegistry.Family(name), norm)].Walls
            : Shortfalls[(AttackRegistry.Family(name), norm)].Open;
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
        Assert.Equal(known.Order(), Shortfalls.Keys.Order());
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
        ? design.For(task.Network, Quantizer.Quantize(
            task.Network, DatapathCompiler.Compile(ProfileReader.Read("int8-acc-wrap")),
            task.Images.Pixels))
        : attack;
}
