using QSim.Attacks.Evaluation;
using QSim.Attacks.Methods;
using QSim.Attacks.Methods.Adaptive;
using QSim.Attacks.Methods.Overflow;
using QSim.Attacks.Tests.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Tests.Methods;

/// <summary>
/// Every attack, with few steps, for properties that all share; overflow and adaptive are made for
/// the hardware of <see cref="Fixtures.Bars"/>.
/// </summary>
internal static class AttackCatalogue
{
    // Makers, for an attack may keep models of its own, which two tests at once must not share.
    private static readonly Func<IAttack>[] Short =
    [
        () => new UniformNoise(2),
        () => ProjectedGradient.Fgsm(),
        () => ProjectedGradient.RFgsm(),
        () => ProjectedGradient.Bim(),
        () => ProjectedGradient.MiFgsm(),
        () => ProjectedGradient.Pgd(10),
        () => AutoPgd.CrossEntropy(20),
        () => AutoPgd.Dlr(20),
        () => AutoPgd.Scaled(20),
        () => AutoPgd.Margin(20),
        () => AutoPgd.TargetedDlr(20),
        () => new SquareAttack(60),
        () => AutoAttack.Standard(steps: 10, queries: 40),
        () => Ensemble.Standard(steps: 10, targets: 2, queries: 40),
        () => new DeepFool(20),
        () => new CarliniWagner(5, 100, learningRate: 0.05f, initialConstant: 0.1),
        () => new FastAdaptiveBoundary(15),
        () => new Spsa(25, 32, learningRate: 0.05f),
        () => new HopSkipJump(4, 20),
        () => new OverflowAttack(Fixtures.Bars.Network, Design(), 10),
        () => new AdaptiveAttack(Fixtures.Bars.Network, Design(), steps: 4, queries: 30),
    ];

    /// <summary>Those above, and with their authors' numbers whatever has no row there.</summary>
    private static readonly Func<IAttack>[] Makers =
    [
        .. Short,
        .. AttackRegistry.All(Norm.Linf).Select(a => a.Name)
            .ExceptBy(
                Short.Select(make => AttackRegistry.Family(make().Name)), AttackRegistry.Family)
            .Select(name => (Func<IAttack>)(() =>
                AttackRegistry.All(Norm.Linf).Single(a => a.Name == name))),
    ];

    private static readonly Dictionary<string, Func<IAttack>> All =
        Makers.ToDictionary(make => make().Name);

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Every attack with every norm that it knows.</summary>
    public static TheoryData<string, Norm> NamesAndNorms
    {
        get
        {
            TheoryData<string, Norm> data = [];
            foreach (IAttack attack in Makers.Select(make => make()))
                foreach (Norm norm in Enum.GetValues<Norm>())
                    if (attack.WhyNot(norm) is null) data.Add(attack.Name, norm);
            return data;
        }
    }

    /// <summary>
    /// Those that climb something else than the loss, or that of hardware they were made for.
    /// </summary>
    public static bool IsBlind(string name) => name is "noise" or "overflow" or "adaptive";

    /// <summary>A new one at each call.</summary>
    public static IAttack Get(string name) => All[name]();

    private static QuantizedProgram Design() => Chip.Quantize(
        Fixtures.Bars.Network, Fixtures.Bars.Images.Pixels, "int8-acc-wrap");
}
