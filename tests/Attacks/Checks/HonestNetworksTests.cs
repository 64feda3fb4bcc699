using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;
using QSim.Simulator;
using QSim.Simulator.Networks;
using Xunit.Abstractions;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Checks;

/// <summary>
/// Networks that mask nothing, each with its own weights and images, as float and on wide 8-bit
/// hardware, under a small suite in which every check has something to speak of: whatever one says
/// is a false alarm. Five networks; QSIM_HONEST_NETWORKS=50 is how README's rate was counted.
/// </summary>
public class HonestNetworksTests(ITestOutputHelper output)
{
    private static readonly double[] Epsilons = [0.05, 0.1, 0.2, 0.3, 1];

    [Fact]
    public void Examine_HonestNetworks_RaisesHardlyAnyDoubt()
    {
        int networks = int.Parse(
            Environment.GetEnvironmentVariable("QSIM_HONEST_NETWORKS") ?? "5",
            CultureInfo.InvariantCulture);
        List<Doubt> alarms = [];
        int targets = 0;
        for (ulong seed = 1; seed <= (ulong)networks; seed++)
        {
            Observation[] seen = [.. Observe(seed)];
            targets += seen.Select(o => o.Target).Distinct().Count();
            alarms.AddRange(Believability.Examine(seen));
        }

        foreach (Doubt alarm in alarms) output.WriteLine($"{alarm.Check}: {alarm.Message}");
        foreach (var check in alarms.GroupBy(d => d.Check))
            output.WriteLine(
                $"{check.Key}: {check.Select(d => d.About.Target).Distinct().Count()} targets");
        int falsely = alarms.Select(d => d.About.Target).Distinct().Count();
        output.WriteLine($"{falsely} of {targets} targets");
        Assert.True(falsely <= 0.05 * targets, $"{falsely} of {targets} targets");
    }

    private static IEnumerable<Observation> Observe(ulong seed)
    {
        (FloatNetwork network, LabelledImages images) = Fixtures.MakeBars(seed);
        using var model = new ManagedGradientModel(network, 2);
        var source = new FloatClassifier(model, $"float {seed}");
        QuantizedProgram program = Chip.Quantize(network, images.Pixels, "int8-wide");
        using var simulation = new Simulation(program, BackendList.Best(program));
        var chip = new HardwareClassifier(simulation, $"chip {seed}", model);
        IAttack plain = AutoPgd.CrossEntropy(20, "apgd-ce-20");
        IAttack[] suite =
        [
            ProjectedGradient.Fgsm(), plain, AutoPgd.Dlr(20, "apgd-dlr-20"),
            Ensemble.Standard(steps: 20, targets: 2, queries: 200),
        ];
        Budget[] budgets = [.. Epsilons.Select(e => new Budget(Norm.Linf, new(e)))];
        AttackOptions options = new() { Seed = seed };
        AttackTarget[] targets =
            [AttackTarget.WhiteBox(source), AttackTarget.WhiteBox(chip, source)];
        foreach (AttackTarget target in targets)
            foreach (IAttack attack in suite)
                foreach (RobustnessResult r in Robustness.RunGrid(
                    attack, target, images, budgets, options))
                    foreach (Observation o in Observation.Of(r)) yield return o;
        foreach (IClassifier target in new IClassifier[] { source, chip })
            foreach (RobustnessResult r in Robustness.RunGrid(
                new SquareAttack(300), AttackTarget.Score(target), images, budgets, options))
                foreach (Observation o in Observation.Of(r)) yield return o;
        foreach (RobustnessResult r in Robustness.RunGrid(
            plain, AttackTarget.Transfer(source, source, chip), images, budgets, options))
            foreach (Observation o in Observation.Of(r)) yield return o;
    }
}
