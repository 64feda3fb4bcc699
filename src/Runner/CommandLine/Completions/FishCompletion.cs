using System.Text;

namespace QSim.Runner.CommandLine.Completions;

internal static class FishCompletion
{
    /// <summary>The script.</summary>
    public static string Write(IReadOnlyList<TypedCommand> commands)
    {
        var text = new StringBuilder("""
            # fish completion for qsim:  qsim completions fish | source
            function __qsim_command
              set -l command qsim
              for word in (commandline -opc)[2..]
                if contains -- "$command $word" $__qsim_commands
                  set command "$command $word"
                end
              end
              echo $command
            end
            function __qsim_at
              test (__qsim_command) = "$argv"
            end
            complete -c qsim -f

            """.ReplaceLineEndings("\n"));
        text.Append("set -g __qsim_commands")
            .AppendJoin("", commands.Skip(1).Select(c => $" {Quoted(c.Path)}")).Append('\n');
        foreach (TypedCommand command in commands) Append(text, command);
        return text.ToString();
    }

    private static void Append(StringBuilder text, TypedCommand command)
    {
        string at = $"complete -c qsim -n {Quoted($"__qsim_at {command.Path}")}";
        foreach (var sub in command.Subcommands)
            text.Append($"{at} -a {sub.Name} -d ")
                .Append(Quoted(CommandTree.FirstSentence(sub.Description ?? ""))).Append('\n');
        if (command.Arguments.Words.Count > 0)
            text.Append($"{at} -a {Quoted(string.Join(' ', command.Arguments.Words))}\n");
        if (command.Arguments.Files || command.Arguments.Folders) text.Append($"{at} -F\n");
        foreach (TypedOption option in command.Options)
        {
            text.Append(at);
            foreach (string name in option.Names)
                text.Append(name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}"
                    : name.Length == 2 ? $" -s {Quoted(name[1..])}" : $" -o {name[1..]}");
            text.Append($" -d {Quoted(CommandTree.FirstSentence(option.Description))}");
            if (option.Value is { } value)
            {
                text.Append(value.Files || value.Folders ? " -r -F" : " -x");
                if (value.Words.Count > 0)
                    text.Append($" -a {Quoted(string.Join(' ', value.Words))}");
            }

            text.Append('\n');
        }
    }

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'";
}
