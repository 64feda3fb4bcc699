using System.Text.Json;
using System.Text.Json.Serialization;
using QSim.Attacks.Evaluation;
using QSim.Runner.Output;
using QSim.Runner.Studies.Sweeps;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// A study with nothing left to look up: everything that its results depend on, and nothing about
/// when, where or how fast. It lies in every run's folder as <c>study.json</c>.
/// </summary>
internal sealed record ResolvedStudy
{
    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/resolved-study/1";

    /// <summary>What was asked.</summary>
    public required StudySettings Settings { get; init; }

    /// <summary>Of the dataset.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>Of the files of a network that is loaded; null where a preset is trained.</summary>
    public string? NetworkSha256 { get; init; }

    /// <summary>Classes of the dataset.</summary>
    public required int Classes { get; init; }

    /// <summary>Whether scales are calibrated on test images, as there are no others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasOneSet { get; init; }

    /// <summary>The gradient engine.</summary>
    public required string Engine { get; init; }

    /// <summary>The attacks' own names.</summary>
    public required IReadOnlyList<string> Attacks { get; init; }

    /// <summary>What each attack was made of, nothing left out.</summary>
    public IReadOnlyList<AttackDescription> AttackSettings { get; init; } = [];

    /// <summary>
    /// White-box attacks of many steps: each is also given a budget that allows every image, as a
    /// check that must leave nothing.
    /// </summary>
    public IReadOnlyList<string> ControlAttacks { get; init; } = [];

    /// <summary>
    /// The attack that is also made on the float network alone, for every target to be judged on:
    /// a check that whoever knows the hardware breaks no less. Null where there is nothing to
    /// compare, or the study asks for such images anyway.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CarriedAttack { get; init; }

    /// <summary>Values per image.</summary>
    public int ImageLength { get; init; }

    /// <summary>The budget that allows every image: pixels run from 0 to 1.</summary>
    [JsonIgnore]
    public Epsilon LargestEpsilon => new(Settings.Norm switch
    {
        Norm.Linf => 1,
        Norm.L2 => Math.Sqrt(ImageLength),
        Norm.L1 => ImageLength,
    });

    /// <summary>What is attacked, the float network first.</summary>
    public required IReadOnlyList<ResolvedTarget> Targets { get; init; }

    /// <summary>Reads one from its document.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ResolvedStudy Parse(ReadOnlySpan<byte> document)
    {
        try
        {
            ResolvedStudy study = SealedJson.Parse<ResolvedStudy>(document);
            return study.IsWhole() ? study : throw new FormatException("not a resolved study");
        }
        catch (JsonException e)
        {
            throw new FormatException("not a resolved study", e);
        }
    }

    private bool IsWhole() =>
        Settings is
        {
            Seeds.Count: > 0, Threats.Count: > 0, Images: > 0, CalibrationImages: > 0, Epochs: > 0,
            Restarts: > 0, PixelLevels: null or > 0, EotDraws: null or > 0,
            Certify: null or { Nodes: > 0, Seconds: > 0 },
            Cost: null or { Target.Length: > 0 }, Tolerance: null or (> 0 and <= 100),
            SkipImages: >= 0,
            Search: null or
            {
                Objectives.Count: > 0, Evaluations: > 0, Population: > 0, HeldBack: > 0,
            },
        }
        && AreDistinct(Settings.Seeds) && AreDistinct(Settings.Threats)
        && Settings.Epsilons.All(e => double.IsFinite(e.Value))
        && Settings.Epsilons.SequenceEqual(EpsilonList.Of(Settings.Epsilons))
        && SweepAxis.Count(Settings.Sweep) <= SweepReader.MostPoints
        && Classes > 0 && ImageLength >= 0
        && Attacks.Count > 0 && AreDistinct(Attacks) && AreDistinct(ControlAttacks)
        && Targets.Count > 0 && AreDistinct(Targets.Select(t => t.Name))
        && Targets[0].Name == AccuracyCell.FloatTarget
        && Targets.Skip(1).All(t => SweepAxis.Have(Settings.Sweep, t.Point))
        && Targets.Index().All(t => t.Index == 0 == (t.Item.Sha256.Length == 0));

    private static bool AreDistinct<T>(IEnumerable<T> items) =>
        items.ToArray() is var all && all.Distinct().Count() == all.Length;

    /// <summary>
    /// What another study has under the same name and in other bytes; null where there is nothing.
    /// </summary>
    public string? ChangedIn(ResolvedStudy other)
    {
        if (Settings.Dataset == other.Settings.Dataset && DataSha256 != other.DataSha256)
            return $"data '{Settings.Dataset}'";
        if (Settings.Network == other.Settings.Network && NetworkSha256 != other.NetworkSha256)
            return $"network '{Settings.Network}'";
        return Targets
            .Join(
                other.Targets, t => t.Name, t => t.Name,
                (t, o) => (t.Name, IsSame: t.Sha256 == o.Sha256))
            .Where(t => !t.IsSame)
            .Select(t => $"profile '{t.Name}'")
            .FirstOrDefault();
    }
}

/// <summary>A target of a study.</summary>
/// <param name="Name">In results.</param>
/// <param name="Profile">The profile as the user wrote it; empty for the float network.</param>
/// <param name="Point">What the sweep sets.</param>
/// <param name="Sha256">Of what the profile comes to; empty for the float network.</param>
internal sealed record ResolvedTarget(
    string Name, string Profile, IReadOnlyList<SweepSetting> Point, string Sha256)
{
    public static ResolvedTarget FloatNetwork { get; } = new(AccuracyCell.FloatTarget, "", [], "");
}
