using System.Text;

namespace QSim.Runner.CommandLine.Completions;

/// <summary>Completion for zsh, by its own <c>_arguments</c>.</summary>
internal static class ZshCompletion
{
    /// <summary>The script, which works as a file <c>_qsim</c> in zsh's <c>fpath</c>.</summary>
    public static string Write(IReadOnlyList<TypedCommand> commands)
    {
        var text = new StringBuilder("#compdef qsim\n")
            .Append("# zsh completion for qsim:  source <(qsim completions zsh)\n");
        foreach (TypedCommand command in commands) Append(text, command);
        return text.Append("""
            if [[ $funcstack[1] = _qsim ]]; then _qsim "$@"; else compdef _qsim qsim; fi

            """.ReplaceLineEndings("\n")).ToString();
    }

    private static void Append(StringBuilder text, TypedCommand command)
    {
        bool hasMore = command.Subcommands.Any();
        text.Append($"{Function(command.Path)}() {{\n");
        text.Append(hasMore ? "  local context state line\n  _arguments -C" : "  _arguments");
        foreach (TypedOption option in command.Options)
            foreach (string name in option.Names)
            {
                string value = option.Value is { } taken
                    ? $":{HelpName(option)}:{Action(taken)}" : "";
                string does = Escaped(CommandTree.FirstSentence(option.Description));
                text.Append($" \\\n    {Quoted($"*{name}[{does}]{value}")}");
            }

        if (!hasMore)
        {
            text.Append($" \\\n    {Quoted($"*:: :{Action(command.Arguments)}")}\n}}\n");
            return;
        }

        text.Append(" \\\n    '1: :->command' '*:: :->rest'\n  case $state in\n    command)\n");
        text.Append("      local -a commands=(\n");
        foreach (var sub in command.Subcommands)
            text.Append("        ").Append(Quoted(
                $"{sub.Name}:{Escaped(CommandTree.FirstSentence(sub.Description ?? ""))}"))
                .Append('\n');
        text.Append("      )\n      _describe command commands");
        if (command.Arguments.Files) text.Append("; _files");
        text.Append(" ;;\n    rest)\n      case $line[1] in\n");
        foreach (var sub in command.Subcommands)
            text.Append($"        {sub.Name}) {Function($"{command.Path} {sub.Name}")} ;;\n");
        text.Append("      esac ;;\n  esac\n}\n");
    }

    private static string Function(string path) => "_" + path.Replace(' ', '_').Replace('-', '_');

    private static string HelpName(TypedOption option) =>
        option.HelpName.Length > 0 ? Escaped(option.HelpName) : "value";

    // Lists, whose values are separated by commas, and single words alike; then files.
    private static string Action(TypedValue value) => (value.Words.Count, value.Files) switch
    {
        (0, true) => "_files",
        (0, false) => value.Folders ? "_files -/" : " ",
        (_, false) => $"_sequence compadd - {string.Join(' ', value.Words)}",
        _ => $"{{_sequence compadd - {string.Join(' ', value.Words)}; _files}}",
    };

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\").Replace("[", "\\[").Replace("]", "\\]").Replace(":", "\\:");

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''")}'";
}
