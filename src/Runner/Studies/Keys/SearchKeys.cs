using System.Globalization;
using QSim.Runner.Studies.Searching;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>The keys of a study's <c>search</c>: what is free is its <c>sweep</c>.</summary>
internal static class SearchKeys
{
    private const int MostSentences = 16, MostEvaluations = 1_000_000, MostPopulation = 10_000;

    /// <summary>The key of what is to be good.</summary>
    public const string Objectives = "objectives";

    private static readonly StudyKey[] Parts =
    [
        new(
            Objectives, Sentences,
            $"Figures that are to be good: {Metric.Supported}.", new("[clean, area]"))
        {
            Set = (study, values) => With(study, how => how with
            {
                Objectives = [.. values.Select(v => Metric.Parse(v).Name)],
            }),
            Check = (_, text) => Metric.Parse(text),
        },
        new(
            "constraints", Sentences, "What designs have to meet.",
            new("[clean at most 0.5 points below float]"))
        {
            Set = (study, values) => With(study, how => how with
            {
                Constraints = [.. values.Select(v => Constraint.Parse(v).ToString())],
            }),
            Check = (_, text) => Constraint.Parse(text),
        },
        Number(
            "evaluations", MostEvaluations, "Designs that are looked at, at most (default: 200).",
            (how, n) => how with { Evaluations = n }),
        Number(
            "population", MostPopulation, "Designs of a generation (default: 24).",
            (how, n) => how with { Population = n }),
        Number(
            "held_back", HardwareKeys.MostImages,
            "Test images behind those of the search that its front is measured on once more "
                + "(default: 500, or as many as there are).",
            (how, n) => how with { HeldBack = n }),
    ];

    /// <summary>The key, with keys of its own.</summary>
    public static StudyKey Key { get; } = new(
        "search", new MapType([.. Parts.SelectMany(p => p.Specs())]),
        "What 'qsim search' looks for among the combinations of the sweep.",
        new(
            "", "for qsim search, which tries few of the combinations",
            "  objectives: [clean, worst at 8/255, area]",
            "  constraints: [clean at most 0.5 points below float]",
            "  evaluations: 200"))
    {
        Parts = Parts,
        Set = (study, _) => With(study, how => how),
    };

    private static ListType Sentences => new(new TextType(200), MostSentences);

    private static StudyKey Number(
        string name, int most, string help, Func<SearchSettings, int, SearchSettings> set) =>
        new(name, new IntegerType(1, most), help, new("200"))
        {
            Set = (study, values) => With(
                study, how => set(how, int.Parse(values[0], CultureInfo.InvariantCulture))),
        };

    private static StudySettings With(
        StudySettings study, Func<SearchSettings, SearchSettings> change) =>
        study with { Search = change(study.Search ?? SearchSettings.Usual) };
}
