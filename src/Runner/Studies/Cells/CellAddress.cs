using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using QSim.Attacks.Evaluation;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies.Certifying;
using QSim.Runner.Studies.Keys;
using QSim.Runner.Studies.Recipes;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// One thing that a study measures: one target under one attack with one budget, by one seed.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Target">The target's name.</param>
/// <param name="Threat">What the attacker knows; null for clean images.</param>
/// <param name="Attack">
/// The attack's name; <see cref="AccuracyCell.NoAttack"/> for clean images.
/// </param>
/// <param name="Epsilon">The budget; 0 for clean images.</param>
internal sealed record CellAddress(
    ulong Seed, string Target, ThreatModel? Threat, string Attack, Epsilon Epsilon)
{
    /// <summary>How the budget is measured.</summary>
    public Norm Norm { get; init; } = Norm.Linf;

    /// <summary>
    /// Under transfer, the target that the images are made on: the float network, or any other.
    /// </summary>
    public string Source { get; init; } = AccuracyCell.FloatTarget;

    /// <summary>Clean images; the norm is part of their name, too.</summary>
    public static CellAddress Clean(ulong seed, string target, Norm norm) =>
        new(seed, target, null, AccuracyCell.NoAttack, new Epsilon(0)) { Norm = norm };
}

/// <summary>
/// Names by content: two are equal when everything that decides about the bytes behind them is, and
/// different when anything is not, the version of the format among it.
/// </summary>
/// <param name="study">The study.</param>
internal sealed class ContentKeys(ResolvedStudy study)
{
    private const string Version = "qsim/cell/33";

    private readonly Dictionary<string, string> _hardware = study.Targets.ToDictionary(
        t => t.Name, t => t.Sha256);

    private static readonly ConditionalWeakTable<ResolvedStudy, ContentKeys> Known = [];

    private readonly ConcurrentDictionary<CellAddress, string> _cells = new();

    /// <summary>Those of a study, which are made once however many plans it has.</summary>
    public static ContentKeys Of(ResolvedStudy study) =>
        Known.GetValue(study, s => new(s));

    /// <summary>The trained float network.</summary>
    public string Network(ulong seed) => Network(seed, AccuracyCell.FloatTarget);

    /// <summary>
    /// The trained network of a target: the float one, unless training sees the target's hardware.
    /// </summary>
    public string Network(ulong seed, string target) =>
        Hash("network", [.. Training(seed), .. Own(target)]);

    /// <summary>
    /// The images that an attack makes on a cell's source, for every target to be judged on.
    /// </summary>
    public string Images(CellAddress cell) =>
        Hash(
            "images",
            [
                .. Training(cell.Seed),
                .. Pictures(),
                .. On(cell.Source),
                .. Attack(cell),
            ]);

    /// <summary>A cell; asked for again and again, so each is made once.</summary>
    public string Cell(CellAddress cell) => _cells.GetOrAdd(cell, Make);

    private string Make(CellAddress cell) => Hash("cell",
    [
        .. Training(cell.Seed), .. Pictures(), .. On(cell.Target), $"{cell.Threat}",
        // Clean images meet no attack, but the margin model's radii are sizes under the norm.
        .. cell.Threat is null ? [$"{cell.Norm}"] : Attack(cell),
        .. cell.Threat == ThreatModel.Transfer ? On(cell.Source) : [],
    ]);

    private string[] Pictures() => study.Settings.SkipImages == 0
        ? [$"{study.Settings.Images}"]
        : [$"{study.Settings.Images}", $"skip={study.Settings.SkipImages}"];

    private string[] Attack(CellAddress cell) => StudyCertification.IsOne(cell.Attack)
        ? Certificate(cell)
        : [
            cell.Attack,
            $"{cell.Norm}",
            Value(cell.Epsilon),
            .. Made(cell.Attack),
            .. StudyKeys.OfAttacks(study.Settings),
        ];

    /// <summary>
    /// A search leaves out what attacks and smaller budgets decided: their names are part of its.
    /// </summary>
    private string[] Certificate(CellAddress cell)
    {
        string[] own =
        [
            cell.Attack, $"{cell.Norm}", Value(cell.Epsilon), $"{study.Settings.PixelLevels}",
            .. study.Settings.Epsilons.Select(Value),
        ];
        return cell.Attack == StudyCertification.Bounds
            ? own
            :
            [
                .. own, .. study.Settings.Certify?.Limits() ?? [], $"{study.Settings.StopAtChance}",
                .. study.Settings.Threats.Select(t => $"{t}"),
                .. study.Attacks.SelectMany(a => Made(a).Prepend(a)),
                .. StudyKeys.OfAttacks(study.Settings),
            ];
    }

    /// <summary>
    /// Settings decide about bits, and so does the name, which keys the attack's randomness.
    /// </summary>
    private IEnumerable<string> Made(string attack) =>
        study.AttackSettings.FirstOrDefault(a => a.Name == attack) is { } made
            ? made.Settings.Select(s => $"{s.Key}={s.Value}")
            : [];

    private string[] On(string target)
    {
        string hardware = _hardware[target];
        return
        [
            hardware,
            hardware.Length == 0 ? "" : $"{study.Settings.CalibrationImages}",
            .. Own(target),
        ];
    }

    /// <summary>What the float network depends on.</summary>
    private IEnumerable<string> Training(ulong seed)
    {
        TrainingRecipe recipe = study.Settings.Recipe.ForFloat;
        string[] how = recipe == new TrainingRecipe() ? [] : [Json.LineOf(recipe)];
        string epochs = $"{study.Settings.Epochs}";
        if (study.NetworkSha256 is not { } file)
            return
            [
                study.DataSha256,
                study.Settings.Network,
                epochs,
                study.Engine,
                $"{seed}",
                .. how,
            ];
        // A network from a file is not trained, unless for each profile.
        string[] own = study.Settings.Recipe.IsPerProfile ? [epochs, .. how] : [];
        return [study.DataSha256, "file", file, study.Engine, $"{seed}", .. own];
    }

    /// <summary>
    /// What a target's own network depends on beside that; nothing where it has none.
    /// </summary>
    private string[] Own(string target)
    {
        TrainingRecipe recipe = study.Settings.Recipe;
        return _hardware[target] is { Length: > 0 } hardware && recipe.IsPerProfile
            ?
            [
                $"{recipe.Quantize}",
                $"{recipe.WarmStart}",
                hardware,
                $"{study.Settings.CalibrationImages}",
            ]
            : [];
    }

    private static string Value(Epsilon epsilon) =>
        epsilon.Value.ToString("R", CultureInfo.InvariantCulture);

    private static string Hash(string kind, string[] parts) =>
        Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', parts.Prepend(kind).Prepend(Version))));
}
