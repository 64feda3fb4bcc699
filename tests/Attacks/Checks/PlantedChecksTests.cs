using System.Text.RegularExpressions;
using QSim.Attacks.Evaluation;
using QSim.Attacks.Evaluation.Checks;
using QSim.Attacks.Gradients.Managed;
using QSim.Attacks.Methods;
using QSim.Attacks.Tests.Evaluation;
using QSim.Simulator.Networks;
using Robustness = QSim.Attacks.Evaluation.Evaluation;

namespace QSim.Attacks.Tests.Checks;

/// <summary>
/// Every check with a network or a suite in which its fault was planted, and with the same without
/// the fault: the first is doubted by that check, the second by none.
/// </summary>
public partial class PlantedChecksTests
{
    private static IAttack Fgsm => ProjectedGradient.Fgsm();
    private static IAttack Pgd => ProjectedGradient.Pgd();

    /// <summary>Ends a few steps from where it starts, whatever the budget.</summary>
    private static IAttack Crawling =>
        new ProjectedGradient("crawling", 10, 0.01, StartPoint.Image);

    /// <summary>By check: what was planted, and the same without it.</summary>
    private static readonly Dictionary<string, Func<bool, Observation[]>> Planted = new()
    {
        ["weak_iterations"] = bad => Bars(0.2, Fgsm, bad ? Crawling : Pgd),
        ["rising_accuracy"] = bad =>
        [
            .. Seen(PlantedNetworks.Band(), 0.1, bad ? Leaping : Pgd),
            .. Seen(PlantedNetworks.Band(), 0.25, bad ? Leaping : Pgd),
        ],
        ["strong_black_box"] = bad => BlackBox(Network(bad)),
        ["weaker_than_transfer"] = bad => PlantedHardwareTests.AttackSleeping(
            bad ? Pgd : Ensemble.Standard()),
        ["zero_gradients"] = bad => Seen(PlantedNetworks.Layers(isDead: bad), 0.05, Pgd),
        ["blind_attack"] = bad => Seen(
            Network(bad), 0.2, AutoPgd.CrossEntropy(20), AutoPgd.Margin(20)),
        ["uneven_losses"] = bad => Seen(
            bad ? PlantedNetworks.FarRivals() : Network(false), 0.1,
            AutoPgd.CrossEntropy(20), AutoPgd.Scaled(20)),
        ["unbounded_not_zero"] = bad => Seen(Network(bad), 1, Pgd),
        ["restarts_still_help"] = bad =>
        [
            .. new[] { 0.06, 0.1, 0.14, 0.18, 0.22, 0.26, 0.3 }.SelectMany(
                epsilon => Seen(Fixtures.Bars, epsilon, 2, [bad ? Short : Pgd])),
        ],
        ["steps_still_help"] = bad => Bars(
            0.3, bad ? new ProjectedGradient("slow", 40, 0.01, StartPoint.Image) : Pgd),
        ["too_few_classes"] = bad => Seen(PlantedNetworks.Classes(bad ? 2 : 3), 0.01,
            AutoPgd.Dlr(5)),
        ["not_deterministic"] = bad => Noise(bad),
        ["only_weak_attacks"] = bad => Bars(
            0.1, bad ? [Fgsm, new UniformNoise()] : [Fgsm, new UniformNoise(), Pgd]),
        ["not_attacked"] = bad => Bars(bad ? 0 : 0.1, Pgd),
    };

    /// <summary>Two little steps: where they start decides.</summary>
    private static IAttack Short =>
        new ProjectedGradient("short", 2, 0.1, StartPoint.Uniform);

    /// <summary>Two steps from one end of the budget to the other.</summary>
    private static IAttack Leaping =>
        new ProjectedGradient("leaping", 2, 1, StartPoint.Image);

    public static TheoryData<string> Checks => [.. Planted.Keys];

    [Theory]
    [MemberData(nameof(Checks))]
    public void Examine_PlantedFault_IsDoubtedByItsCheck(string check) => Assert.Contains(
        check, Believability.Examine(Planted[check](true)).Select(d => d.Check));

    [Theory]
    [MemberData(nameof(Checks))]
    public void Examine_WithoutTheFault_IsBelieved(string check) => Assert.Empty(
        Believability.Examine(Planted[check](false)).Select(d => d.Message));

    /// <summary>The table in src/Attacks/README.md names those checks and no other.</summary>
    [Fact]
    public void Readme_TableOfChecks_HasEveryPlantedOneAndNoOther()
    {
        string readme = AttacksReadme.Text;
        int start = readme.IndexOf("| check | a doubt when |", StringComparison.Ordinal);
        string table = readme[start..readme.IndexOf("\n\n", start, StringComparison.Ordinal)];
        Assert.Equal(
            Row().Matches(table).Select(m => m.Groups[1].Value).Order(), Planted.Keys.Order());
    }

    [GeneratedRegex("^\\| `(\\w+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>
    /// A linear network; its fault is that logits are 10,000 times as large, where cross-entropy
    /// has no gradient in float32.
    /// </summary>
    private static (FloatNetwork Network, LabelledImages Images) Network(bool isMasked) =>
        PlantedNetworks.Linear(isMasked ? 10_000 : 1);

    private static Observation[] Bars(double epsilon, params IAttack[] attacks) =>
        Seen(Fixtures.Bars, epsilon, attacks);

    private static Observation[] Seen(
        (FloatNetwork Network, LabelledImages Images) planted, double epsilon,
        params IAttack[] attacks) => Seen(planted, epsilon, 1, attacks);

    private static Observation[] Seen(
        (FloatNetwork Network, LabelledImages Images) planted, double epsilon, int restarts,
        IAttack[] attacks)
    {
        using var model = new ManagedGradientModel(planted.Network, 1);
        AttackTarget target = AttackTarget.WhiteBox(new FloatClassifier(model, "net"));
        return
        [
            .. attacks.SelectMany(attack => Observation.Of(Robustness.Run(
                attack, target, planted.Images, new(Norm.Linf, new(epsilon)),
                new() { Restarts = restarts }))),
        ];
    }

    private static Observation[] BlackBox((FloatNetwork Network, LabelledImages Images) planted)
    {
        using var model = new ManagedGradientModel(planted.Network, 1);
        var source = new FloatClassifier(model, "net");
        return
        [
            .. Seen(planted, 0.2, Pgd),
            .. Observation.Of(Robustness.Run(
                new SquareAttack(200), AttackTarget.Score(source), planted.Images,
                new(Norm.Linf, new(0.2)))),
        ];
    }

    private static Observation[] Noise(bool isFickle)
    {
        using var model = new ManagedGradientModel(Fixtures.Bars.Network, 1);
        IClassifier steady = new FloatClassifier(model, "net");
        return
        [
            .. Bars(0.1, Pgd),
            .. Observation.Of(Robustness.Run(
                new UniformNoise(),
                AttackTarget.Label(isFickle ? new FickleClassifier(steady) : steady),
                Fixtures.Bars.Images, new(Norm.Linf, new(0.1)))),
        ];
    }
}
