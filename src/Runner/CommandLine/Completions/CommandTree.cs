using System.CommandLine;

namespace QSim.Runner.CommandLine.Completions;

/// <summary>What may stand behind an option, or as an argument.</summary>
/// <param name="Words">Words that it may be, as far as they are known.</param>
/// <param name="Files">Whether it may be the name of a file.</param>
/// <param name="Folders">Whether it is the name of a folder.</param>
internal sealed record TypedValue(IReadOnlyList<string> Words, bool Files, bool Folders);

/// <summary>An option as a shell and a manual know it.</summary>
/// <param name="Names">Its name and aliases, as they are typed.</param>
/// <param name="Description">The text of help.</param>
/// <param name="HelpName">What help calls its value.</param>
/// <param name="Value">What may stand behind it; null for a flag.</param>
internal sealed record TypedOption(
    IReadOnlyList<string> Names, string Description, string HelpName, TypedValue? Value);

/// <summary>A command as a shell and a manual know it.</summary>
/// <param name="Path">As it is typed, from <c>qsim</c> on.</param>
/// <param name="Command">The command.</param>
/// <param name="Options">Its own options, in the order of help.</param>
/// <param name="Arguments">What its arguments may be.</param>
/// <param name="Examples">The text of its examples; null where it has none.</param>
internal sealed record TypedCommand(
    string Path, Command Command, IReadOnlyList<TypedOption> Options, TypedValue Arguments,
    string? Examples)
{
    /// <summary>The text of help.</summary>
    public string Description => Command.Description ?? "";

    /// <summary>Those of the next word.</summary>
    public IEnumerable<Command> Subcommands => Command.Subcommands.Where(c => !c.Hidden);

    /// <summary>What starts with a dash.</summary>
    public IEnumerable<string> OptionNames => Options.SelectMany(o => o.Names);
}

/// <summary>
/// The command line as data, read off the one that parses: completions and the manual are made
/// from it, so that they know what the command knows.
/// </summary>
internal static class CommandTree
{
    /// <summary>The root, then every command below it, in the order of help.</summary>
    public static IReadOnlyList<TypedCommand> Of(RootCommand root) => [.. Below(root, "qsim")];

    /// <summary>The first sentence of a text, for shells that show one line.</summary>
    public static string FirstSentence(string text)
    {
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('.', ';').ReplaceLineEndings(" ");
    }

    private static IEnumerable<TypedCommand> Below(Command command, string path) =>
        command.Subcommands.Where(c => !c.Hidden)
            .SelectMany(c => Below(c, $"{path} {c.Name}"))
            .Prepend(new(
                path, command, [.. OptionsOf(command)], ArgumentsOf(command),
                Examples.Of(command)));

    private static IEnumerable<TypedOption> OptionsOf(Command command) =>
        from option in command.Options
        where !option.Hidden
        select new TypedOption(
            [.. option.Aliases.Prepend(option.Name).Where(n => n[0] == '-').Distinct()],
            option.Description ?? "",
            option.HelpName ?? "",
            IsFlag(option) ? null : TypedWords.Of(option, option.HelpName));

    private static bool IsFlag(Option option) =>
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool);

    private static TypedValue ArgumentsOf(Command command)
    {
        TypedValue[] all = [.. command.Arguments.Select(a => TypedWords.Of(a, a.HelpName))];
        return new(
            [.. all.SelectMany(v => v.Words)], all.Any(v => v.Files), all.Any(v => v.Folders));
    }
}
