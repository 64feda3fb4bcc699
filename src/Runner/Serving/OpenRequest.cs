using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using QSim.Kernels.Datapath;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Keys;
using QSim.Simulator;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Serving;

/// <summary>
/// What hardware a client wants: the keys of a study that make trained networks on hardware, one
/// profile, and, where there is no dataset, images to calibrate on.
/// </summary>
internal static class OpenRequest
{
    private const string Study = "study", Profile = "profile", Calibration = "calibration",
        Profiles = "profiles", Document = "study";

    private static readonly string[] Known =
    [
        .. HardwareKeys.All.SelectMany(k => k.Specs()).Select(s => s.Name)
            .Where(n => n != Profiles),
    ];

    /// <summary>Reads a request, trains or loads its network, and quantizes it.</summary>
    /// <param name="head">What was asked.</param>
    /// <param name="arrays">What came with it.</param>
    /// <param name="folders">Where datasets are.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="cancellation">Stops training.</param>
    /// <exception cref="RequestException">Something is wrong, or missing.</exception>
    /// <exception cref="InputException">A file is, or the study.</exception>
    public static ServedHardware Open(
        RequestHead head, IReadOnlyList<SentArray> arrays, DataFolders folders,
        IProgressSink progress, CancellationToken cancellation)
    {
        (string reference, string? text) = ProfileOf(head.Value(Profile));
        JsonElement? keys = head.Value(Study);
        string? backend = head.Text("backend"), gradients = head.Text("gradients"),
            cache = head.Text("cache");
        long threads = head.Whole("threads", 0, 1024, 0);
        head.RefuseOthers();
        if (cache is not null && !Directory.Exists(cache)) NewFolder.Check(cache, "cache");
        StudySettings settings = SettingsOf(keys, reference, isInline: text is not null);
        SentImages? sent = SentOf(arrays, keys);
        if (sent is not null && !settings.IsCalibrationImagesSaid)
            settings = settings with { CalibrationImages = sent.Count };
        if (settings.Seeds.Count > 1)
            throw new RequestException($"seeds: {settings.Seeds.Count} (supported: one)");
        StudyInputs inputs = StudyInputs.Read(
            settings, folders, backend, gradients ?? StudyInputs.Auto, sent);
        if (text is not null) inputs = With(inputs, ProfileReader.Parse(text, reference));
        inputs = inputs.ForSeed(settings.Seed);
        NetworkList trained = NetworkList.Train(
            inputs, new(inputs.Resolve()), new NetworkCache(new ContentCache(cache)),
            (int)threads, progress, cancellation);
        HardwareList? hardware = null;
        try
        {
            hardware = HardwareList.Create(
                inputs, progress, target => trained.Of(target).Network,
                cancellation: cancellation);
            return new(inputs, trained, hardware);
        }
        catch
        {
            hardware?.Dispose();
            trained.Dispose();
            throw;
        }
    }

    private static (string Reference, string? Text) ProfileOf(JsonElement? profile)
    {
        if (profile is not { } said)
            throw new RequestException(
                $"{Profile}: is missing (supported: a shipped profile's name, a file, or an object "
                    + "of name and text)");
        if (said.ValueKind != JsonValueKind.Object)
            return (RequestHead.TextOf(said, Profile), null);
        string? name = null, text = null;
        foreach (JsonProperty part in said.EnumerateObject())
        {
            if (part.Name == "name") name = RequestHead.TextOf(part.Value, "profile.name");
            else if (part.Name == "text") text = RequestHead.TextOf(part.Value, "profile.text");
            else
                throw new RequestException(
                    $"{Profile}: unknown key '{Brief.Name(part.Name)}' (supported: name, text)");
        }

        return text is null
            ? throw new RequestException($"{Profile}.text: is missing (supported: YAML)")
            : (name ?? "profile", text);
    }

    /// <summary>
    /// The study as a file of it would be, with file:line:column of what is wrong.
    /// </summary>
    private static StudySettings SettingsOf(JsonElement? keys, string profile, bool isInline)
    {
        var study = new JsonObject { ["schema"] = StudyKeys.Schema };
        if (!isInline) study[Profiles] = new JsonArray(profile);
        if (keys is { } said)
        {
            if (said.ValueKind != JsonValueKind.Object)
                throw new RequestException(
                    $"{Study}: {RequestHead.Found(said)} (supported: an object of keys)");
            foreach (JsonProperty key in said.EnumerateObject())
            {
                if (!Known.Contains(key.Name))
                    throw new RequestException(
                        $"{Study}: unknown key '{Brief.Name(key.Name)}'"
                            + $"{Suggestion.Hint(key.Name, Known)} (supported: "
                            + $"{string.Join(", ", Known)})");
                study[key.Name] = JsonNode.Parse(key.Value.GetRawText());
            }
        }

        return StudyFile.Parse(Document, Encoding.UTF8.GetBytes(study.ToJsonString())).Settings;
    }

    private static SentImages? SentOf(IReadOnlyList<SentArray> arrays, JsonElement? keys)
    {
        if (arrays.FirstOrDefault(a => a.Name != Calibration) is { } other)
            throw new RequestException(
                $"arrays: unknown '{Brief.Name(other.Name)}' (supported: {Calibration})");
        if (arrays.Count == 0) return null;
        SentArray images = arrays[0];
        if (Text(keys, "data") is not null)
            throw new RequestException($"{Calibration}: is instead of data");
        if (Text(keys, "network") is not { } network || !NetworkFile.IsPath(network))
            throw new RequestException(
                $"{Calibration}: needs a trained network (supported: {NetworkFile.Supported})");
        TensorShape shape = images.Shape switch
        {
            [> 0, > 0 and var features] => new(features),
            [> 0, > 0 and var channels, > 0 and var rows, > 0 and var columns] =>
                new(channels, rows, columns),
            _ => throw new RequestException(
                $"{Calibration}: {images.Found} (supported: NxCxRxC or NxF, one image at least)"),
        };
        float[] buffer = [];
        return Sizes.WhyNot(shape) is { } large
            ? throw new RequestException($"{Calibration}: {large}")
            : new(shape, images.Pixels(ref buffer).ToArray());
    }

    private static string? Text(JsonElement? keys, string key) =>
        keys is { ValueKind: JsonValueKind.Object } said
        && said.TryGetProperty(key, out JsonElement value)
            ? RequestHead.TextOf(value, key)
            : null;

    private static StudyInputs With(StudyInputs inputs, HardwareProfile profile) => inputs with
    {
        Settings = inputs.Settings with { Profiles = [profile.Name] },
        Profiles =
        [
            new(profile.Name, profile.Name, profile, DatapathCompiler.Compile(profile), []),
        ],
    };
}
