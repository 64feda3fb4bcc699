using System.CommandLine;
using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Studies;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;

namespace QSim.Runner.Commands;

/// <summary>
/// The options of <c>qsim run</c> that change what is asked, and what they make of a study.
/// </summary>
public sealed class StudyOptions
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = $"Dataset: {DatasetList.Supported}.",
        HelpName = "name|path",
    };

    private readonly Option<string?> _network = new("--network")
    {
        Description =
            $"Network: one to train ({string.Join(", ", NetworkPresets.Names)}), or a trained one: "
            + $"{NetworkFile.Supported}.",
        HelpName = "name|path",
    };

    private readonly Option<string[]> _profiles = List(
        "--profile", "Hardware profile: a shipped name or a YAML file.");
    private readonly Option<string[]> _attacks = List(
        "--attacks",
        $"Attacks: {string.Join(", ", AttackList.Names)}; pgd-20 is pgd with 20 steps, square-500 "
            + "square with 500 queries.");

    private readonly Option<string[]> _epsilons = List(
        "--epsilons",
        "Budgets under the norm for pixels in [0, 1], as in 0.01,8/255. Clean images are always "
            + "measured.");

    private readonly Option<string?> _norm = new("--norm")
    {
        Description =
            "How budgets are measured: 'linf' (default), 'l2' or 'l1'. Some attacks know only "
                + "some.",
        HelpName = "name",
    };

    private readonly Option<int?> _restarts = Number(
        "--restarts", "Times that attacks with random starts are made anew on images that stand.");

    private readonly Option<int?> _levels = Number(
        "--pixel-levels", "Attackers send integer pixels up to this, as in 255; default: any.");

    private readonly Option<int?> _draws = Number(
        "--eot-draws", "Draws that stochastic rounding is attacked over in expectation.");

    private readonly Option<bool> _matrix = new("--transfer-matrix")
    {
        Description = "Judge every target's images on every target too.",
    };

    private readonly Option<string?> _threat = new("--threat")
    {
        Description =
            "What the attacker knows: 'hardware' (the hardware's own bits; default), 'transfer' "
                + "(only the float network), 'score' (its logits) or 'label' (its decisions).",
        HelpName = "model",
    };

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Key of every random choice: the same seed gives the same results.json.",
        HelpName = "n",
    };

    private readonly Option<int?> _images = Number(
        "--images", "Test images to attack, from the first on.");
    private readonly Option<int?> _epochs = Number(
        "--epochs", "Passes of training over the training images.");
    private readonly Option<int?> _calibration = Number(
        "--calibration-images", "Training images that scales are calibrated on.");

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IEnumerable<Option> All =>
        [
            _profiles,
            _attacks,
            _norm,
            _epsilons,
            _restarts,
            _levels,
            _draws,
            _threat,
            _matrix,
            _images,
            _seed,
            _data,
            _network,
            _epochs,
            _calibration,
        ];

    /// <summary>
    /// Those that make a trained network on hardware, for commands that attack nothing.
    /// </summary>
    public IEnumerable<Option> Hardware =>
        [_profiles, _images, _seed, _data, _network, _epochs, _calibration];

    /// <summary>The study with whatever was typed in place of what it says.</summary>
    /// <exception cref="UsageException">A value is impossible.</exception>
    public StudySettings Apply(StudySettings study, ParseResult parsed)
    {
        Norm norm = parsed.GetValue(_norm) is { } named ? EpsilonList.ParseNorm(named) : study.Norm;
        IReadOnlyList<Epsilon> epsilons = EpsilonList.Parse(norm, Words(parsed, _epsilons));
        if (norm != study.Norm && epsilons.Count == 0)
        {
            // Budgets written down for one norm mean nothing under another.
            study = study with { Epsilons = EpsilonList.Default(norm), StopAtChance = true };
        }

        return study with
        {
            Norm = norm,
            Restarts = parsed.GetValue(_restarts) ?? study.Restarts,
            PixelLevels = parsed.GetValue(_levels) ?? study.PixelLevels,
            EotDraws = parsed.GetValue(_draws) ?? study.EotDraws,
            TransferMatrix = study.TransferMatrix || parsed.GetValue(_matrix),
            Dataset = parsed.GetValue(_data) ?? study.Dataset,
            Network = parsed.GetValue(_network) ?? study.Network,
            Profiles = Words(parsed, _profiles) is { Count: > 0 } profiles
                ? profiles
                : study.Profiles,
            Attacks = Words(parsed, _attacks) is { Count: > 0 } attacks ? attacks : study.Attacks,
            Threats = parsed.GetValue(_threat) is { } threat
                ? [ParseThreat(threat)]
                : study.Threats,
            Epsilons = epsilons.Count > 0 ? epsilons : study.Epsilons,
            StopAtChance = study.StopAtChance && epsilons.Count == 0,
            Seeds = parsed.GetValue(_seed) is { } seed ? [seed] : study.Seeds,
            Images = parsed.GetValue(_images) ?? study.Images,
            Epochs = parsed.GetValue(_epochs) ?? study.Epochs,
            CalibrationImages = parsed.GetValue(_calibration) ?? study.CalibrationImages,
        };
    }

    private static ThreatModel ParseThreat(string text) =>
        text switch
        {
            "hardware" => ThreatModel.Hardware,
            "transfer" => ThreatModel.Transfer,
            "score" => ThreatModel.Score,
            "label" => ThreatModel.Label,
            _ => throw new UsageException(
                $"unknown threat model '{text}' (supported: hardware, transfer, score, label)"),
        };

    /// <summary>What an option lists; nothing where it was not typed.</summary>
    private static List<string> Words(ParseResult parsed, Option<string[]> option)
    {
        const StringSplitOptions How =
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        string[] typed = parsed.GetValue(option) ?? [];
        List<string> words = [.. typed.SelectMany(v => v.Split(',', How)).Distinct()];
        return typed.Length == 0 || words.Count > 0
            ? words
            : throw new UsageException($"{option.Name} '{typed[0]}' names nothing");
    }

    private static Option<string[]> List(string name, string description) => new(name)
    {
        Description = description + " Repeat it, or separate by commas.",
        HelpName = "a,b",
        AllowMultipleArgumentsPerToken = true,
    };

    private static Option<int?> Number(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "n",
    };
}
