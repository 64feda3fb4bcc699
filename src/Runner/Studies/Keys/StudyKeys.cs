using System.Globalization;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>
/// Every key of a study, in the order in which help shows them and they take effect: budgets after
/// the norm that they are measured by.
/// </summary>
internal static class StudyKeys
{
    /// <summary>The version of the format.</summary>
    public const string Schema = "qsim/study/1";

    /// <summary>
    /// The key whose own keys are a profile's; <see cref="Sweeps.SweepReader"/> reads it.
    /// </summary>
    public const string Sweep = "sweep";

    /// <summary>The key that may name a swept one.</summary>
    public const string Compare = "compare";

    /// <summary>The keys.</summary>
    public static IReadOnlyList<StudyKey> All { get; } =
    [
        new("schema", new WordType([Schema]), "The version of the format.", new(Schema))
        {
            IsRequired = true,
        },
        new(
            "name", new TextType(60, IsName: true), "The study's name, for reports.",
            new("narrow-accumulators"))
        {
            Set = (study, values) => study with { Name = values[0] },
        },
        .. HardwareKeys.All,
        new(
            Sweep, new MapType([]), "Profile keys to vary.",
            new(
                "", "every profile at every combination",
                "  mac.accumulator.bits: [12..16, 20, 24]",
                "  mac.accumulator.overflow: [WRAP, SAT]")),
        new(
            Compare, new TextType(200),
            "Pairs to test image by image: float, all, or a swept key.",
            new("mac.accumulator.overflow", "or float, all"))
        {
            Set = (study, values) => study with { Compare = values[0] },
        },
        new(
            "tolerance", new NumberType(0, MostPoints),
            "Points of accuracy that a design may lose and still be good enough, where a study "
                + "sweeps (default: 1).",
            new("1", "points below float, or below the widest"))
        {
            Option = "--tolerance",
            ValueName = "points",
            Set = (study, values) => study with { Tolerance = Points(values[0]) },
        },
        .. AttackKeys.All,
        CertifyKeys.Key,
        CostKeys.Key,
        SearchKeys.Key,
    ];

    private const int MostPoints = 100;

    /// <summary>The document.</summary>
    public static MapType Root { get; } =
        new([.. All.SelectMany(k => k.Specs())]);

    /// <summary>A study file that says every key.</summary>
    public static IEnumerable<string> ExampleFile() =>
        All.SelectMany(k => k.Example.Lines(k.Name));

    /// <summary>Refuses numbers out of range.</summary>
    /// <exception cref="RequestException">One is.</exception>
    public static void CheckRanges(StudySettings study)
    {
        foreach (StudyKey key in All)
        {
            key.CheckRange(study);
            foreach (StudyKey part in key.Parts) part.CheckRange(study, key.Name + " ");
        }
    }

    private static double Points(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double points)
        && points is > 0 and <= MostPoints
            ? points
            : throw new RequestException(
                $"tolerance '{text}' (supported: above 0, at most {MostPoints})");

    /// <summary>What decides about a study's attacks, for the names of cells.</summary>
    public static IEnumerable<string> OfAttacks(StudySettings study) =>
        from key in All
        where key.IsOfAttack
        let value = key.Get!(study)
        where value is not null
        select $"{key.Name}={value}";
}
