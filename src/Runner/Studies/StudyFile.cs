using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Recipes;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>A question that someone wrote down.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Settings">What it asks; the quickstart's answer where it says nothing.</param>
public sealed record StudyFile(string Path, string Sha256, StudySettings Settings)
{
    /// <summary>
    /// What a run made of it, where the file is of a run; null where somebody wrote it.
    /// </summary>
    public ResolvedStudy? Resolved { get; init; }

    /// <summary>Reads and checks a study file.</summary>
    /// <exception cref="InputException">It is missing, or something in it is wrong.</exception>
    public static StudyFile Read(string path)
    {
        if (path.Trim().Length == 0) throw new UsageException("the study's name is empty");
        if (!File.Exists(path))
        {
            string what =
                Directory.Exists(path) ? "is a folder, not a study" : "there is no such file";
            throw new InputException(new InputError(path, 1, 1, "", what));
        }

        byte[] bytes = File.ReadAllBytes(path);
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return ReadResolved(path, bytes);
        var errors = new List<InputError>();
        MapNode written = DocumentReader.Read(bytes, path);
        IReadOnlyList<SweepAxis> sweep = new SweepReader(errors).Read(written[StudyKeys.Sweep]);
        MapNode known = written with
        {
            Entries = written.Entries.RemoveAll(e => e.Key == StudyKeys.Sweep),
        };
        var normal = (MapNode)new DocumentValidator(errors).Normalize(known, StudyKeys.Root);
        MapNode root = new DocumentResolver(errors).Resolve(normal, StudyKeys.Root);
        StudySettings settings = Build(root, path, errors) with { Sweep = sweep };
        CheckCompare(root, settings, errors);
        foreach (MapEntry entry in root.Entries)
            if (entry.Value is ListNode { Items.Length: 0 })
                errors.Add(entry.Value.Error("an empty list (leave it out for the quickstart's)"));
        return errors.Count == 0
            ? new(path, Digest.Of(bytes), settings)
            : throw new InputException(errors);
    }

    /// <summary>The study of a run that was: <c>study.json</c> in its folder.</summary>
    private static StudyFile ReadResolved(string path, byte[] bytes)
    {
        try
        {
            ResolvedStudy study = ResolvedStudy.Parse(bytes);
            return new(path, Digest.Of(bytes), study.Settings) { Resolved = study };
        }
        catch (FormatException)
        {
            throw new InputException(
                InputError.InBinary(
                    path, "is no study.json of a run (a study of your own is YAML)"));
        }
    }

    private static StudySettings Build(MapNode root, string path, List<InputError> errors)
    {
        var study = new StudySettings();
        string folder = System.IO.Path.GetDirectoryName(path) ?? "";
        Norm norm = Enum.TryParse(root.Text("norm"), ignoreCase: true, out Norm named)
            ? named
            : Norm.Linf;
        IReadOnlyList<Epsilon> epsilons = EpsilonList.Of(
            Checked(root, "epsilons", t => EpsilonList.ParseOne(t, norm), errors));
        IReadOnlyList<string> profiles = Texts(root, "profiles");
        IReadOnlyList<string> attacks = Texts(root, "attacks");
        Checked(root, "attacks", name => AttackList.Create(name, norm), errors);
        return study with
        {
            Name = root.Text("name") ?? System.IO.Path.GetFileNameWithoutExtension(path),
            Dataset = Dataset(root, folder, errors) ?? study.Dataset,
            Network = Network(root, folder, errors) ?? study.Network,
            Epochs = Number(
                root["training"] is MapNode map && map["epochs"] is not null ? map : root, "epochs",
                study.Epochs),
            Training = RecipeKeys.Read(root, errors),
            Seeds = OneOrSeveral(
                root, "seed", "seeds", t => ulong.Parse(t, CultureInfo.InvariantCulture),
                study.Seeds, errors),
            Images = Number(root, "images", study.Images),
            CalibrationImages = Number(root, "calibration_images", study.CalibrationImages),
            Profiles =
                profiles.Count > 0 ? [.. profiles.Select(p => Beside(folder, p))] : study.Profiles,
            Attacks = attacks.Count > 0 ? attacks : study.Attacks,
            Threats = OneOrSeveral(root, "threat", "threats", ParseThreat, study.Threats, errors),
            Compare = root.Text("compare") ?? study.Compare,
            Norm = norm,
            Restarts = Number(root, "restarts", study.Restarts),
            PixelLevels = root["pixel_levels"] is null ? null : Number(root, "pixel_levels", 0),
            EotDraws = root["eot_draws"] is null ? null : Number(root, "eot_draws", 0),
            TransferMatrix = root.Text("transfer_matrix") == "true",
            Epsilons = epsilons.Count > 0 ? epsilons : EpsilonList.Default(norm),
            StopAtChance = epsilons.Count == 0,
        };
    }

    private static ThreatModel ParseThreat(string text) =>
        Enum.Parse<ThreatModel>(text, ignoreCase: true);

    /// <summary>What one key says, or the list under another; both is an error.</summary>
    private static IReadOnlyList<T> OneOrSeveral<T>(
        MapNode root, string one, string several, Func<string, T> parse, IReadOnlyList<T> fallback,
        List<InputError> errors)
    {
        if (root[one] is ScalarNode scalar)
        {
            if (root[several] is { } list)
                errors.Add(list.Error($"given beside '{one}': one of the two is enough"));
            return [parse(scalar.Text)];
        }

        IReadOnlyList<string> texts = Texts(root, several);
        return texts.Count > 0 ? [.. texts.Select(parse)] : fallback;
    }

    private static void CheckCompare(MapNode root, StudySettings settings, List<InputError> errors)
    {
        if (root["compare"] is not ScalarNode compare) return;
        string[] known =
        [
            AccuracyCell.FloatTarget,
            "all",
            .. settings.Sweep.SelectMany(a => a.Steps[0]).Select(s => s.Key),
        ];
        if (!known.Contains(compare.Text))
        {
            errors.Add(compare.Error(
                $"{compare.Found} is nothing to compare by{Suggestion.Hint(compare.Text, known)} " +
                $"(supported: {string.Join(", ", known)})"));
        }
    }

    private static string? Dataset(MapNode root, string folder, List<InputError> errors)
    {
        if (root["data"] is not ScalarNode data) return null;
        bool isName = DatasetList.All.Any(s => s.Name == data.Text);
        string name = isName ? data.Text : Beside(folder, data.Text);
        Check(data, () => DatasetList.Find(name), errors);
        return name;
    }

    private static string? Network(MapNode root, string folder, List<InputError> errors)
    {
        if (root["network"] is not ScalarNode network) return null;
        Check(network, () => StudyNetwork.CheckName(network.Text), errors);
        return NetworkFile.IsPath(network.Text) ? Beside(folder, network.Text) : network.Text;
    }

    /// <summary>What cannot be is an error at its own place.</summary>
    private static void Check(ScalarNode node, Action check, List<InputError> errors)
    {
        try
        {
            check();
        }
        catch (UsageException e)
        {
            errors.Add(node.Error(e.Message));
        }
    }

    /// <summary>A file or folder beside the study, if there is one of that name.</summary>
    private static string Beside(string folder, string name)
    {
        string path = System.IO.Path.Combine(folder, name);
        return System.IO.Path.Exists(path) ? path : name;
    }

    private static IEnumerable<ScalarNode> Items(MapNode root, string key) =>
        root[key] is ListNode list ? list.Items.OfType<ScalarNode>() : [];

    private static IReadOnlyList<string> Texts(MapNode root, string key) =>
        [.. Items(root, key).Select(i => i.Text).Distinct()];

    /// <summary>Parsed items; what cannot be parsed is an error at its own place.</summary>
    private static List<T> Checked<T>(
        MapNode root, string key, Func<string, T> parse, List<InputError> errors)
    {
        var parsed = new List<T>();
        foreach (ScalarNode item in Items(root, key))
            Check(item, () => parsed.Add(parse(item.Text)), errors);
        return parsed;
    }

    private static T Number<T>(MapNode root, string key, T fallback) where T : IParsable<T> =>
        T.TryParse(root.Text(key), CultureInfo.InvariantCulture, out T? value) ? value : fallback;
}
