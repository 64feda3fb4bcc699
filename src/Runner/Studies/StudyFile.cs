using System.Globalization;
using QSim.Runner.Data;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Keys;
using QSim.Runner.Studies.Recipes;
using QSim.Runner.Studies.Searching;
using QSim.Runner.Studies.Sweeps;
using QSim.Simulator;
using QSim.Simulator.Files;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>A question that someone wrote down.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Settings">What it asks; the quickstart's answer where it says nothing.</param>
internal sealed record StudyFile(string Path, string Sha256, StudySettings Settings)
{
    /// <summary>More than anybody writes, and than a run's own with all of a sweep.</summary>
    private const long MostBytes = 1L << 26;

    /// <summary>
    /// What a run made of it, where the file is of a run; null where somebody wrote it.
    /// </summary>
    public ResolvedStudy? Resolved { get; init; }

    /// <summary>Reads and checks a study file.</summary>
    /// <exception cref="InputException">It is missing, or something in it is wrong.</exception>
    public static StudyFile Read(string path)
    {
        if (path.Trim().Length == 0) throw new RequestException("the study's name is empty");
        if (Directory.Exists(path))
            throw new InputException(InputError.InBinary(path, "is a folder, not a study"));
        byte[] bytes = ReadBytes(path);
        if (IsNetwork(path))
            throw new InputException(InputError.InBinary(
                path, "is a network, not a study (needed: a YAML file; --network takes this one)"));
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? ReadResolved(path, bytes)
            : Parse(path, bytes);
    }

    /// <summary>Reads and checks what a study file has in it.</summary>
    /// <param name="path">Its name, for messages; what it names may lie beside it.</param>
    /// <param name="bytes">YAML, or JSON, which is YAML.</param>
    /// <exception cref="InputException">Something in it is wrong.</exception>
    public static StudyFile Parse(string path, byte[] bytes)
    {
        var errors = new List<InputError>();
        MapNode written = DocumentReader.Read(bytes, path);
        bool isSearch = written[SearchKeys.Key.Name] is not null;
        IReadOnlyList<SweepAxis> sweep = new SweepReader(
            errors, isSearch ? int.MaxValue - 1 : SweepReader.MostPoints)
            .Read(written[StudyKeys.Sweep]);
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
        if ((root[SearchKeys.Key.Name] as MapNode)?[SearchKeys.Objectives]
            is ListNode { Items.Length: 0 } objectives)
            errors.Add(objectives.Error(
                $"an empty list (supported: one figure or more: {Metric.Supported})"));
        return errors.Count == 0
            ? new(path, Digest.Of(bytes), settings)
            : throw new InputException(errors);
    }

    private static bool IsNetwork(string path) => new[] { ".onnx", ".tflite" }.Any(
        e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return InputFile.Read(path, MostBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.InBinary(
                path, e.Message.TrimEnd('.') + InputFile.Beside(path, ".yaml", ".yml")));
        }
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
                    path, "is not the study.json of a run (studies that you write are YAML)"));
        }
    }

    private static StudySettings Build(MapNode root, string path, List<InputError> errors)
    {
        var study = new StudySettings { Name = System.IO.Path.GetFileNameWithoutExtension(path) };
        string folder = System.IO.Path.GetDirectoryName(path) ?? "";
        foreach (StudyKey key in StudyKeys.All)
            study = Apply(key, root, study, folder, errors);
        return study with
        {
            Training = RecipeKeys.Read(root, errors),
            Epochs = root[RecipeKeys.Key] is MapNode map
                && int.TryParse(map.Text("epochs"), CultureInfo.InvariantCulture, out int epochs)
                ? epochs
                : study.Epochs,
        };
    }

    /// <summary>
    /// The study with what the file says under one key; what cannot be is an error at its place.
    /// </summary>
    private static StudySettings Apply(
        StudyKey key, MapNode root, StudySettings study, string folder, List<InputError> errors)
    {
        ScalarNode[] items = [.. Items(root, key.Name)];
        if (key.Several is { } several && root[several] is { } list)
        {
            if (items.Length > 0)
                errors.Add(list.Error($"given beside '{key.Name}': one of the two is enough"));
            else
                items = [.. Items(root, several)];
        }

        if (key.Parts.Count > 0 && root[key.Name] is MapNode map)
            return key.Parts.Aggregate(
                key.Set!(study, []),
                (said, part) => Apply(part, map, said, folder, errors));
        if (key.Set is null || items.Length == 0) return study;
        int before = errors.Count;
        string[] values = [.. items.Select(i => key.IsPath?.Invoke(i.Text) == true
            ? Beside(folder, i.Text)
            : i.Text)];
        foreach ((ScalarNode item, string value) in items.Zip(values))
        {
            try
            {
                key.Check?.Invoke(study, value);
            }
            catch (RequestException e)
            {
                errors.Add(item.Error(e.Message));
            }
        }

        if (errors.Count > before) return study;
        try
        {
            study = key.Set(study, key.Listed(values));
        }
        catch (RequestException e)
        {
            errors.Add(items[0].Error(e.Message));
        }

        return key.SetPlaces?.Invoke(
            study,
            [
                .. items.Select(i =>
                    $"{i.Position.File}:{i.Position.Line}:{i.Position.Column}"),
            ]) ?? study;
    }

    private static void CheckCompare(MapNode root, StudySettings settings, List<InputError> errors)
    {
        if (root[StudyKeys.Compare] is not ScalarNode compare) return;
        string[] known =
        [
            AccuracyCell.FloatTarget,
            "all",
            .. settings.Sweep.SelectMany(a => a.Steps[0]).Select(s => s.Key),
        ];
        if (!known.Contains(compare.Text))
        {
            errors.Add(compare.Error(
                $"{compare.Found} is not something to compare by"
                + $"{Suggestion.Hint(compare.Text, known)} " +
                $"(supported: {string.Join(", ", known)})"));
        }
    }

    /// <summary>A file or folder beside the study, if there is one of that name.</summary>
    private static string Beside(string folder, string name)
    {
        string path = System.IO.Path.Combine(folder, name);
        return System.IO.Path.Exists(NetworkFile.Split(path).Path) ? path : name;
    }

    private static IEnumerable<ScalarNode> Items(MapNode root, string key) => root[key] switch
    {
        ScalarNode scalar => [scalar],
        ListNode list => list.Items.OfType<ScalarNode>(),
        _ => [],
    };
}
