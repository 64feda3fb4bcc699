using QSim.Runner.Studies.Costs;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>The keys of a study's <c>cost</c>.</summary>
internal static class CostKeys
{
    private const int MostPath = 1000;

    private static readonly StudyKey[] Parts =
    [
        new(
            "target", new WordType([.. StudyCost.Targets]),
            "Also say what the circuits cost, synthesised for asic (standard cells), xcup, ice40 "
                + "or ecp5: see 'qsim cost'.",
            new("asic"))
        {
            Option = "--cost",
            ValueName = "target",
            Set = (study, values) => With(study, how => how with
            {
                Target = StudyCost.Targets.Contains(values[0])
                    ? values[0]
                    : throw new RequestException(
                        $"cost '{values[0]}' (supported: "
                            + $"{string.Join(", ", StudyCost.Targets)})"),
            }),
        },
        new(
            "liberty", new TextType(MostPath),
            "The cells of your process, a Liberty file (default: those of Debian's "
                + "qflow-tech-osu018, for comparing).",
            new("my-cells.lib"))
        {
            Option = "--cost-liberty",
            ValueName = "file",
            IsPath = _ => true,
            Set = (study, values) => With(study, how => how with { Liberty = values[0] }),
        },
    ];

    /// <summary>The key, with keys of its own.</summary>
    public static StudyKey Key { get; } = new(
        "cost", new MapType([.. Parts.SelectMany(p => p.Specs())]),
        "What the circuits cost, beside what they do.",
        new("{target: asic}", "area, path, energy"))
    {
        Parts = Parts,
        Set = (study, _) => With(study, how => how),
    };

    private static StudySettings With(StudySettings study, Func<StudyCost, StudyCost> change) =>
        study with { Cost = change(study.Cost ?? StudyCost.Usual) };
}
