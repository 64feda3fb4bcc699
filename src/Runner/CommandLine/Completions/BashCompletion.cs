using System.Text;

namespace QSim.Runner.CommandLine.Completions;

/// <summary>Completion for bash: words as they stand, without starting the command.</summary>
internal static class BashCompletion
{
    /// <summary>The script.</summary>
    public static string Write(IReadOnlyList<TypedCommand> commands)
    {
        var text = new StringBuilder("""
            # bash completion for qsim:  source <(qsim completions bash)
            _qsim() {
              local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
              local command=qsim word words='' take=''
              COMPREPLY=()
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case "$command $word" in

            """.ReplaceLineEndings("\n"));
        text.Append("      ")
            .AppendJoin('|', commands.Skip(1).Select(c => $"'{c.Path}'"))
            .Append(") command+=\" $word\" ;;\n    esac\n  done\n  case \"$command $prev\" in\n");
        foreach (TypedCommand command in commands)
            foreach (TypedOption option in command.Options.Where(o => o.Value is not null))
                text.Append("    ")
                    .AppendJoin('|', option.Names.Select(n => $"'{command.Path} {n}'"))
                    .Append($") {Offer(option.Value!.Words, option.Value)} ;;\n");
        text.Append("    *) case \"$command\" in\n");
        foreach (TypedCommand command in commands)
            text.Append($"      '{command.Path}')\n        if [[ $cur == -* ]]; then ")
                .Append($"words='{string.Join(' ', command.OptionNames)}'\n        else ")
                .Append(Offer(
                    [.. command.Subcommands.Select(c => c.Name), .. command.Arguments.Words],
                    command.Arguments))
                .Append("; fi ;;\n");
        // A list of values is completed at its last one.
        return text.Append("""
                esac ;;
              esac
              local list=${cur%"${cur##*,}"}
              [[ -n $words ]] && COMPREPLY=($(compgen -P "$list" -W "$words" -- "${cur##*,}"))
              if [[ -n $take ]]; then
                compopt -o filenames 2>/dev/null
                while IFS= read -r word; do COMPREPLY+=("$word")
                    done < <(compgen "$take" -- "$cur")
              fi
            }
            complete -F _qsim qsim

            """.ReplaceLineEndings("\n")).ToString();
    }

    private static string Offer(IReadOnlyList<string> words, TypedValue value) =>
        $"words='{string.Join(' ', words)}'"
            + (value.Files ? " take=-f" : value.Folders ? " take=-d" : "");
}
