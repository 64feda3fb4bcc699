using System.CommandLine;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Keys;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Commands;

/// <summary>
/// The options of <c>qsim run</c> that change what is asked, one for each <see cref="StudyKey"/>
/// that has one, and what they make of a study.
/// </summary>
internal sealed class StudyOptions
{
    private readonly Typed[] _options =
        [
            .. StudyKeys.All.SelectMany(k => k.Parts.Prepend(k)).Where(k => k.Option is not null)
                .Select(Of),
        ];

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IEnumerable<Option> All => WithOutput(_options);

    /// <summary>
    /// Those that make a trained network on hardware, for commands that attack nothing.
    /// </summary>
    public IEnumerable<Option> Hardware =>
        WithOutput(_options.Where(o => o.Key.IsOfHardware));

    /// <summary>Which output of the network.</summary>
    public OutputOption Output { get; } = new();

    /// <summary>The same, for commands with a profile of their own where none is named.</summary>
    /// <param name="profile">That profile.</param>
    /// <param name="isOne">Whether the command takes one profile only.</param>
    public IEnumerable<Option> HardwareOf(string profile, bool isOne = true) =>
        WithProfile(
            isOne ? "The hardware profile" : "Hardware profiles", profile,
            isOne ? "" : CommonOptions.AsList, isOne ? "name|path" : "a,b");

    /// <summary>The same, for commands to which files say profiles.</summary>
    /// <param name="usual">Which ones where none is named.</param>
    public IEnumerable<Option> HardwareOfFiles(string usual) =>
        WithProfile("Hardware profiles", usual, CommonOptions.AsList, "a,b");

    private IEnumerable<Option> WithProfile(
        string what, string usual, string how, string helpName)
    {
        Option profile = Named(HardwareKeys.Profiles).Single();
        profile.HelpName = helpName;
        profile.Description =
            $"{what}: a shipped name or a YAML file, or from-model for what a quantized network "
                + $"implies (default: {usual}).{how}";
        return Hardware;
    }

    /// <summary>Those of some keys, by their names in a file.</summary>
    public IEnumerable<Option> Named(params string[] keys) =>
        _options.Where(o => keys.Contains(o.Key.Name)).Select(o => o.Option);

    /// <summary>Those that say what is done to images before a network.</summary>
    public IEnumerable<Option> Preprocessing =>
        Named(["pixel_range", .. PreprocessKeys.Key.Parts.Select(p => p.Name)]);

    /// <summary>
    /// A study of options alone, called by what it runs; without any, the quickstart.
    /// </summary>
    /// <exception cref="RequestException">A value is impossible.</exception>
    public StudySettings Apply(ParseResult parsed)
    {
        StudySettings study = Apply(new StudySettings(), parsed);
        return _options.Any(o => o.Values(parsed).Count > 0)
            ? study with { Name = $"{Short(study.Network)} on {Short(study.Dataset)}" }
            : study;
    }

    /// <summary>The study with whatever was typed in place of what it says.</summary>
    /// <exception cref="RequestException">A value is impossible.</exception>
    public StudySettings Apply(StudySettings study, ParseResult parsed)
    {
        foreach (Typed option in _options)
            if (option.Values(parsed) is { Count: > 0 } values)
                study = option.Key.Set!(study, values);
        bool isTyped = ValuesOf(HardwareKeys.Network, parsed).Count > 0;
        return study with { Network = Output.Of(study.Network, isTyped, parsed) };
    }

    /// <summary>What was typed for a key; nothing where it was not.</summary>
    /// <exception cref="RequestException">A list without a value in it.</exception>
    public IReadOnlyList<string> ValuesOf(string key, ParseResult parsed) =>
        _options.Single(o => o.Key.Name == key).Values(parsed);

    private IEnumerable<Option> WithOutput(IEnumerable<Typed> options) => options.SelectMany(
        o => IsOfNetwork(o) ? [o.Option, Output.Option] : (Option[])[o.Option]);

    private static bool IsOfNetwork(Typed option) => option.Key.Name == HardwareKeys.Network;

    private static string Short(string name) =>
        Brief.Name(Path.GetFileName(Path.TrimEndingDirectorySeparator(name)));

    private static Typed Of(StudyKey key) => key.Type switch
    {
        BooleanType => Flag(key),
        ListType => List(key),
        IntegerType { Max: > int.MaxValue } => One<ulong?>(key),
        IntegerType => One<int?>(key),
        _ => One<string?>(key),
    };

    private static Typed One<T>(StudyKey key)
    {
        var option = new Option<T>(key.Option!)
        {
            Description = key.Help,
            HelpName = key.ValueName,
        };
        return new(key, option, parsed => parsed.GetValue(option) is { } value
            ? [FormattableString.Invariant($"{value}")]
            : []);
    }

    private static Typed Flag(StudyKey key)
    {
        var option = new Option<bool>(key.Option!) { Description = key.Help };
        return new(key, option, parsed => parsed.GetValue(option) ? ["true"] : []);
    }

    private static Typed List(StudyKey key)
    {
        const StringSplitOptions How =
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        var option = new Option<string[]>(key.Option!)
        {
            Description = key.Help + CommonOptions.AsList,
            HelpName = "a,b",
        };
        return new(key, option, parsed =>
        {
            string[] typed = parsed.GetValue(option) ?? [];
            string[] words = key.Listed(typed.SelectMany(v => v.Split(',', How)));
            return typed.Length == 0 || words.Length > 0
                ? words
                : throw new RequestException($"{option.Name} '{typed[0]}' is empty");
        });
    }

    /// <summary>A key, its option, and what was typed for it; nothing where it was not.</summary>
    private sealed record Typed(
        StudyKey Key, Option Option, Func<ParseResult, IReadOnlyList<string>> Values);
}
