using QSim.Attacks.Gradients.Losses;
using QSim.Attacks.Methods.Adaptive;
using QSim.Attacks.Methods.Overflow;
using static QSim.Attacks.Methods.Settings.AttackSetting;

namespace QSim.Attacks.Methods.Settings;

/// <summary>
/// The one list of attacks, with what can be set about each and what it is where nobody does: the
/// numbers of the papers, or of the authors' code. The table in this project's README is this list.
/// </summary>
public static class AttackForms
{
    /// <summary>In the order in which users see them.</summary>
    public static IReadOnlyList<AttackForm> All { get; } =
    [
        Gradient("fgsm", 1, "1", "image"),
        Gradient("r-fgsm", 1, "0.5", "corner"),
        Gradient("mi-fgsm", 10, "1/steps", "image", decay: 1),
        Gradient("bim", 10, "0.2", "image"),
        Gradient("pgd", 40, "2.5/steps", "uniform") with
        {
            Number = "steps", IsAlwaysNumbered = true,
        },
        Auto("apgd-ce", "ce"),
        Auto("apgd-dlr", "dlr"),
        Auto("apgd-scaled", "scaled"),
        Auto("apgd-margin", "margin"),
        new(
            "apgd-t", [.. AutoSettings, Targets],
            v => AutoPgd.TargetedDlr(
                v.Whole("steps"), v.Whole("targets"), v.Name, v.Real("step"), v.Start))
        {
            Number = "steps",
        },
        new(
            "fab-t",
            [
                Steps(100), Targets,
                Real("pull", 0.1, "maximum weight of the original's projection (alpha)", most: 1),
                Real("overshoot", 1.05, "extrapolation of projections (eta)", 1, 10),
                Real("backward", 0.9, "factor on the change once past the boundary", most: 1),
            ],
            v => new FastAdaptiveBoundary(
                v.Whole("steps"), v.Whole("targets"), v.Real("pull"), v.Real("overshoot"),
                v.Real("backward"), v.Name)),
        new(
            "deepfool",
            [
                Steps(50), Real("overshoot", 0.02, "overshoot past the boundary"),
                Whole("candidates", 10, "likeliest classes considered", 2),
            ],
            v => new DeepFool(
                v.Whole("steps"), (float)v.Real("overshoot"), v.Whole("candidates"), v.Name)),
        new(
            "cw",
            [
                Steps(1000), Whole("searches", 9, "binary search steps over the constant"),
                Real("rate", 0.01, "Adam's step size"), Real("constant", 0.001, "the first one"),
                Real("confidence", 0, "confidence: lead that the wrong logit needs"),
            ],
            v => new CarliniWagner(
                v.Whole("searches"), v.Whole("steps"), (float)v.Real("rate"), v.Real("constant"),
                (float)v.Real("confidence"), v.Name)),
        new(
            "square",
            [
                Whole("queries", 5000, "queries per image"),
                Real("share", 0.8, "share of pixels that the first squares cover", most: 1),
                Real(
                    "guide", SquareAttack.DefaultGuide,
                    "weight of the float network's margin beside hardware's, its design known"),
            ],
            v => new SquareAttack(v.Whole("queries"), v.Real("share"), v.Name)
            {
                Guide = v.Real("guide"),
            })
        {
            Number = "queries",
        },
        new(
            "autoattack", [Steps(100), Whole("queries", 5000, "of Square")],
            v => AutoAttack.Standard(v.Norm, v.Whole("steps"), v.Whole("queries"), v.Name)),
        new(
            "ensemble",
            [
                Steps(25) with { Meaning = "steps of each APGD run" },
                Targets with { Default = "3" },
                Whole("queries", 1000, "of Square; as many again on near misses"),
                Whole("borrowed", 50, "steps of APGD on the float network"),
            ],
            v => Ensemble.Standard(
                v.Norm, v.Whole("steps"), v.Whole("targets"), v.Whole("queries"),
                v.Whole("borrowed"), v.Name)),
        new(
            "spsa",
            [
                Steps(100), Whole("pairs", 64, "pairs of queries per step"),
                Real("rate", 0.01, "Adam's step size"),
                Real("delta", 0.01, "distance of queries from the image"),
            ],
            v => new Spsa(
                v.Whole("steps"), v.Whole("pairs"), (float)v.Real("rate"), (float)v.Real("delta"),
                v.Name)),
        new(
            "hopskipjump",
            [
                Steps(64), Whole("samples", 100, "queries of the first gradient estimate"),
                Whole("starts", 100, "uniform images tried at the start"),
            ],
            v => new HopSkipJump(
                v.Whole("steps"), v.Whole("samples"), v.Whole("starts"), v.Name)),
        new(
            "noise", [Whole("tries", 1, "points tried")],
            v => new UniformNoise(v.Whole("tries"), v.Name)),
        new(
            "overflow", [Steps(40)], v => new OverflowDesignAttack(v.Whole("steps"), v.Name)),
        new(
            "adaptive", [Steps(40), Whole("queries", 1000, "of Square")],
            v => new AdaptiveDesignAttack(v.Whole("steps"), v.Whole("queries"), name: v.Name)),
    ];

    private static AttackSetting Targets =>
        Whole("targets", 9, "number of target classes, the likeliest first", most: 1000);

    private static AttackSetting[] AutoSettings =>
        [Steps(100), Step("2") with { Meaning = "first step over epsilon (not L1)" },
            Start("bound")];

    private static AttackSetting Steps(int fallback) =>
        Whole("steps", fallback, "steps of an attempt");

    private static AttackForm Gradient(
        string name, int steps, string step, string start, double decay = 0) => new(
        name,
        [
            Loss(), Steps(steps), Step(step), Start(start),
            Real("decay", decay, "momentum", most: 1),
        ],
        v => new ProjectedGradient(
            v.Name, v.Whole("steps"), v.Real("step"), v.Start, (float)v.Real("decay"), v.Loss));

    private static AttackForm Auto(string name, string loss) => new(
        name, [.. AutoSettings],
        v => AutoPgd.On(
            LossList.Find(loss), v.Name, v.Whole("steps"), v.Real("step"), v.Start))
    {
        Number = "steps",
    };
}
