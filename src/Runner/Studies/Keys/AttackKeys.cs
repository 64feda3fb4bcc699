using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>The keys of attacks. One that is added here is added everywhere.</summary>
internal static class AttackKeys
{
    /// <summary>Of 16-bit images.</summary>
    private const int MostPixelLevels = 65_535;

    /// <summary>The keys.</summary>
    public static IEnumerable<StudyKey> All => [.. Questions, .. Means];

    /// <summary>Which attacks, with which budgets: the address of a cell has them.</summary>
    private static IEnumerable<StudyKey> Questions =>
    [
        new(
            "norm", new WordType([.. EnumWord.All<Norm>()]),
            "Norm that budgets are measured in: 'linf' (default), 'l2' or 'l1'. Not every "
                + "attack supports all.",
            new("linf", "or l2, l1; cw is for l2 only"))
        {
            Option = "--norm",
            ValueName = "name",
            Set = (study, values) => WithNorm(study, EnumWord.Parse<Norm>("norm", values[0])),
        },
        new(
            "attacks", new ListType(new TextType(200), StudyKey.MostItems),
            $"Attacks: {string.Join(", ", AttackList.Names)}; pgd-20 is pgd with 20 steps, "
                + "square-500 square with 500 queries, pgd:step=0.1:loss=dlr has settings (see "
                + "src/Attacks/README.md). Default: fgsm, apgd-ce-50, ensemble.",
            new("[fgsm, apgd-ce-50, ensemble]", "pgd:step=0.1:loss=dlr sets more"))
        {
            Option = "--attacks",
            Set = (study, values) => study with { Attacks = values },
            Check = (study, name) => AttackList.Create(name, study.Norm),
        },
        new(
            "epsilons", new ListType(new TextType(60), StudyKey.MostItems),
            "Budgets under the norm for pixels in [0, 1], as in 0.01,8/255; without it up to the "
                + "one that leaves chance. Clean images are always measured.",
            new("[8/255, 0.1]"))
        {
            Option = "--epsilons",
            Set = (study, values) => study with
            {
                Epsilons = EpsilonList.Parse(study.Norm, values),
                StopAtChance = false,
            },
            Check = (study, text) => EpsilonList.ParseOne(text, study.Norm),
        },
        new(
            "threat", new WordType([.. EnumWord.All<ThreatModel>()]),
            "What the attacker knows: 'hardware' (the hardware's own bits; default), 'transfer' "
                + "(only the float network), 'score' (its logits) or 'label' (its decisions).",
            new("hardware", "or threats: [hardware, transfer]"))
        {
            Several = "threats",
            Option = "--threat",
            ValueName = "model",
            Set = (study, values) => study with
            {
                Threats =
                    [.. values.Select(v => EnumWord.Parse<ThreatModel>("threat model", v))],
            },
        },
        new(
            "transfer_matrix", new BooleanType(),
            "Also judge the images made on each target on every other target.",
            new("true", "images made on each target, on all targets"))
        {
            Option = "--transfer-matrix",
            Set = (study, values) => study with { TransferMatrix = values[0] == "true" },
        },
    ];

    /// <summary>How attacks are made: the names of attacked cells hold what a study says.</summary>
    private static IEnumerable<StudyKey> Means =>
    [
        Number(
            "restarts", 1000,
            "Number of random restarts, of attacks that start at random (default: 1).",
            new("3", "number of random restarts"), study => study.Restarts,
            (study, n) => study with { Restarts = n }),
        Number(
            "pixel_levels", MostPixelLevels,
            "Adversarial images are integers from 0 to this, as in 255 (default: any values).",
            new("255", "adversarial images have 8 bits"), study => study.PixelLevels,
            (study, n) => study with { PixelLevels = n }),
        Number(
            "eot_draws", 255,
            "EOT samples: draws of stochastic rounding that gradients are averaged over.",
            new("8", "EOT samples, where rounding is stochastic"),
            study => study.EotDraws, (study, n) => study with { EotDraws = n }),
    ];

    private static StudyKey Number(
        string name, int most, string help, StudyExample example, Func<StudySettings, int?> get,
        Func<StudySettings, int, StudySettings> set) =>
        new(name, new IntegerType(1, most), help, example)
        {
            Option = "--" + name.Replace('_', '-'),
            IsOfAttack = true,
            Get = study => get(study)?.ToString(CultureInfo.InvariantCulture),
            Set = (study, values) =>
                set(study, int.Parse(values[0], CultureInfo.InvariantCulture)),
        };

    /// <summary>Budgets written down for one norm mean nothing under another.</summary>
    private static StudySettings WithNorm(StudySettings study, Norm norm) =>
        norm == study.Norm
            ? study
            : study with
            {
                Norm = norm,
                Epsilons = EpsilonList.Default(norm),
                StopAtChance = true,
            };
}
