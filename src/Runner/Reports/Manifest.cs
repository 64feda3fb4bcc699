using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using QSim.Runner.Data;
using QSim.Runner.Studies;

namespace QSim.Runner.Reports;

/// <summary>
/// Where results come from: everything that results.json leaves out, so that it stays the same.
/// </summary>
internal sealed record Manifest
{
    /// <summary>The status of a run whose manifest cannot be read.</summary>
    public const string Unknown = "unknown";

    /// <summary>What is said of a run that was killed, which its manifest cannot say.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/manifest/1";

    /// <summary>The status of a run that works, or was killed.</summary>
    public const string Running = "running";

    /// <summary>The status of a run that lacks nothing.</summary>
    public const string Finished = "finished";

    /// <summary>The status of a run of which a shard lacks nothing.</summary>
    public const string Partial = "partial";

    /// <summary>
    /// running, finished, partial (a shard of it is finished), interrupted or failed.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>The status that a manifest's text tells.</summary>
    public static string StatusOf(string text) => Property(text, "status") ?? Unknown;

    /// <summary>When a run began, by its manifest's text; null where that does not tell.</summary>
    public static DateTimeOffset? StartedOf(string text) =>
        DateTimeOffset.TryParse(
            Property(text, "started"), CultureInfo.InvariantCulture, out DateTimeOffset time)
            ? time
            : null;

    /// <summary>How many cells a run found, by its manifest's text; 0 where that does not tell.
    /// </summary>
    public static int CellsBeforeOf(string text) => Property(
        text, JsonNamingPolicy.SnakeCaseLower.ConvertName(nameof(CellsBefore)),
        value => value.GetInt32());

    private static string? Property(string text, string name) =>
        Property(text, name, value => value.GetString());

    private static T? Property<T>(string text, string name, Func<JsonElement, T> of)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return of(document.RootElement.GetProperty(name));
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException
                or FormatException)
        {
            return default;
        }
    }

    /// <summary>What was typed.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>The key of every random choice.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What went in, and of the trained model, what came of it.</summary>
    public required IReadOnlyList<ManifestInput> Inputs { get; init; }

    /// <summary>What was done to images before the network; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Preprocess? Preprocess { get; init; }

    /// <summary>What each attack was made of, nothing left out.</summary>
    public IReadOnlyList<AttackDescription> Attacks { get; init; } = [];

    /// <summary>Which backend ran each profile.</summary>
    public required IReadOnlyDictionary<string, string> Backends { get; init; }

    /// <summary>Versions of what ran.</summary>
    public required ManifestHost Host { get; init; }

    /// <summary>The commit of the repository around the current folder, if it is one.</summary>
    public string? GitCommit { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Cells that were measured before that; not written where there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int CellsBefore { get; init; }

    /// <summary>Seconds that each part took.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }
}

/// <summary>Something that results depend on.</summary>
/// <param name="Kind">study, data, model or profile.</param>
/// <param name="Name">Its name.</param>
/// <param name="Source">Where it was found.</param>
/// <param name="Sha256">Of its bytes.</param>
internal sealed record ManifestInput(string Kind, string Name, string Source, string Sha256);

/// <summary>The machine and the software.</summary>
/// <param name="Qsim">Version of QSim, with the commit that it was built from.</param>
/// <param name="Dotnet">Version of the runtime.</param>
/// <param name="System">Operating system.</param>
/// <param name="Architecture">Processor architecture.</param>
/// <param name="Processors">Logical processors.</param>
internal sealed record ManifestHost(
    string Qsim, string Dotnet, string System, string Architecture, int Processors);
