using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>
/// One key of a study, declared once: what a file and the command line call it, what help says of
/// it, what it sets, and whether the names of attacked cells hold it.
/// </summary>
/// <param name="Name">In a file.</param>
/// <param name="Type">What its value may be.</param>
/// <param name="Help">What it says, in one sentence.</param>
/// <param name="Example">A value, for the study file that help shows.</param>
internal sealed record StudyKey(string Name, KeyType Type, string Help, StudyExample Example)
{
    /// <summary>Most items of a list.</summary>
    public const int MostItems = 1000;

    /// <summary>On the command line; null where only a file can say it.</summary>
    public string? Option { get; init; }

    /// <summary>What stands for the value in help of the command line.</summary>
    public string ValueName { get; init; } = "n";

    /// <summary>The key that takes a list of such values; a file has one of the two.</summary>
    public string? Several { get; init; }

    /// <summary>Whether a file must have it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>
    /// The study with values, one at least, in place of what it says; null where
    /// <see cref="StudyFile"/> reads more than values.
    /// </summary>
    /// <exception cref="RequestException">They are impossible.</exception>
    public Func<StudySettings, IReadOnlyList<string>, StudySettings>? Set { get; init; }

    /// <summary>
    /// The study that knows where in a file the values stand, for messages that only the data or
    /// the network brings; null for a key that has none.
    /// </summary>
    public Func<StudySettings, IReadOnlyList<string>, StudySettings>? SetPlaces { get; init; }

    /// <summary>Refuses one value of a file by itself, so that it is told at its place.</summary>
    /// <exception cref="RequestException">It is impossible.</exception>
    public Action<StudySettings, string>? Check { get; init; }

    /// <summary>Whether a list may have the same value twice.</summary>
    public bool KeepsRepeats { get; init; }

    /// <summary>The values of a list: each once, unless places matter.</summary>
    public string[] Listed(IEnumerable<string> values) =>
        [.. KeepsRepeats ? values : values.Distinct()];

    /// <summary>Whether a value of a file may name something beside it.</summary>
    public Func<string, bool>? IsPath { get; init; }

    /// <summary>
    /// What a study says, null for nothing; of every number whose range is known without data, and
    /// of every key of attacks.
    /// </summary>
    public Func<StudySettings, string?>? Get { get; init; }

    /// <summary>
    /// Whether it decides what an attack does: then the names of attacked cells hold it wherever a
    /// study says it.
    /// </summary>
    public bool IsOfAttack { get; init; }

    /// <summary>Whether it makes a trained network on hardware, before any attack.</summary>
    public bool IsOfHardware { get; init; }

    /// <summary>
    /// Of a key whose value has keys of its own: these, each with an option of its own.
    /// </summary>
    public IReadOnlyList<StudyKey> Parts { get; init; } = [];

    /// <summary>The keys as a file may have them.</summary>
    public IEnumerable<KeySpec> Specs()
    {
        yield return new(Name, Type, Help) { IsRequired = IsRequired };
        if (Several is not null)
            yield return new(Several, new ListType(Type, MostItems), Help);
    }

    /// <summary>Refuses what a study says where it is out of the key's range.</summary>
    /// <param name="study">The study.</param>
    /// <param name="parent">The key that this one is below, and a blank; empty for none.</param>
    /// <exception cref="RequestException">It is.</exception>
    public void CheckRange(StudySettings study, string parent = "")
    {
        if (Type is IntegerType range
            && Get?.Invoke(study) is { } text
            && !(long.TryParse(text, out long value) && value >= range.Min && value <= range.Max))
            throw new RequestException(
                $"{parent}{Name.Replace('_', ' ')} {text} (supported: {range.Supported})");
    }
}

/// <summary>A key in the study file that help shows.</summary>
/// <param name="Value">What stands behind the colon.</param>
/// <param name="Remark">What it means, in few words; empty for nothing.</param>
/// <param name="Below">Lines below it, as they are.</param>
internal sealed record StudyExample(string Value, string Remark = "", params string[] Below)
{
    private const int RemarkColumn = 28;

    /// <summary>The lines for a key.</summary>
    public IEnumerable<string> Lines(string key)
    {
        string line = $"{key}: {Value}".TrimEnd();
        return Below.Prepend(
            Remark.Length == 0 ? line : $"{line.PadRight(RemarkColumn)} # {Remark}");
    }
}
