using QSim.Attacks.Evaluation;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Adaptive;
using QSim.Attacks.Methods.Overflow;
using QSim.Kernels.Backends;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;
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

    [Theory]
    [InlineData("int8-wide")]
    [InlineData("int4")]
    [InlineData("int8-acc-wrap")]
    [InlineData("int8-acc-sat")]
    public void Run_EveryKind_AgreesWithBruteForce(string profile)
    {
        (FloatNetwork network, LabelledImages images) = TinyLattice.Task();
        Datapath datapath = DatapathCompiler.Compile(
            ProfileReader.Read(profile, new ProfileOverride("input", "uint2")));
        var program = Quantizer.Quantize(network, datapath, images.Pixels);
        using var simulation = new Simulation(program, BackendList.Best(program));
        using var model = new ManagedGradientModel(network, 1);
        AttackTarget target = AttackTarget.WhiteBox(
            new HardwareClassifier(simulation, profile, model), new FloatClassifier(model));
        bool[] safe =
        [
            .. Enumerable.Range(0, images.Count).Select(
                i => TinyLattice.IsSafe(simulation, images, i, Epsilon)),
        ];
        IAttack[] attacks =
        [
            .. AttackRegistry.All(Norm.Linf).Where(a => a.WhyNot(Norm.Linf) is null),
            new OverflowAttack(network, program), new AdaptiveAttack(network, program),
        ];
        foreach (IAttack attack in attacks)
        {
            JudgeResult judge = Robustness.Run(
                attack, target, images, new Budget(Norm.Linf, new(Epsilon))).Judges[0];
            int left = 0;
            for (int i = 0; i < safe.Length; i++)
            {
                Assert.False(safe[i] && !judge.IsRobust(i), $"{attack.Name}: image {i} is safe");
                if (!safe[i] && judge.IsRobust(i)) left++;
            }

            output.WriteLine($"{attack.Name} leaves {left} of {safe.Count(s => !s)}");
        }
    }
}
