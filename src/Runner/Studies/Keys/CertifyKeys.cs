using System.Globalization;
using QSim.Runner.Studies.Certifying;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>The keys of a study's <c>certify</c>.</summary>
internal static class CertifyKeys
{
    private const int MostSeconds = 1_000_000;
    private const int MostNodes = 1_000_000_000;

    private static readonly StudyKey[] Parts =
    [
        new(
            "method", new WordType([.. EnumWord.All<CertifyMethod>()]),
            "Also prove which images nothing within the budget breaks: 'bounds' (proves only, "
                + "fast) or 'complete' (searches what is left, too).",
            new("complete"))
        {
            Option = "--certify",
            ValueName = "method",
            Set = (study, values) => With(study, how => how with
            {
                Method = EnumWord.Parse<CertifyMethod>("method", values[0]),
            }),
        },
        new(
            "nodes", new IntegerType(1, MostNodes),
            "Branches that the search looks at for an image, at most: the same on every machine "
                + "(default: 200).",
            new("200"))
        {
            Option = "--certify-nodes",
            Set = (study, values) => With(study, how => how with { Nodes = Number(values) }),
            Get = study => Text(study.Certify?.Nodes),
        },
        new(
            "seconds", new IntegerType(1, MostSeconds),
            "Seconds of the search for an image, at most (default: 30). Results say how many "
                + "images ran out of time: a faster machine may decide these.",
            new("30"))
        {
            Option = "--certify-seconds",
            Set = (study, values) => With(study, how => how with { Seconds = Number(values) }),
            Get = study => Text(study.Certify?.Seconds),
        },
    ];

    /// <summary>The key, with keys of its own.</summary>
    public static StudyKey Key { get; } = new(
        "certify", new MapType([.. Parts.SelectMany(p => p.Specs())]),
        "What to prove, beside what attacks break.",
        new("{method: complete, nodes: 200, seconds: 30}"))
    {
        Parts = Parts,
        Set = (study, _) => With(study, how => how),
    };

    private static StudySettings With(
        StudySettings study, Func<StudyCertification, StudyCertification> change) =>
        study with { Certify = change(study.Certify ?? StudyCertification.Usual) };

    private static int Number(IReadOnlyList<string> values) =>
        int.Parse(values[0], CultureInfo.InvariantCulture);

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
