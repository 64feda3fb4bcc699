using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.CommandLine.Completions;
using QSim.Runner.Output;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Commands;

/// <summary><c>qsim completions</c>: what a shell completes, for the user to source.</summary>
internal static class CompletionsCommand
{
    private static readonly
        Dictionary<string, Func<IReadOnlyList<TypedCommand>, string>> Shells = new()
        {
            ["bash"] = BashCompletion.Write,
            ["zsh"] = ZshCompletion.Write,
            ["fish"] = FishCompletion.Write,
            ["pwsh"] = PwshCompletion.Write,
        };

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var shell = new Argument<string>("shell")
        {
            Description = $"One of {string.Join(", ", Shells.Keys)}.",
        };
        var command = new Command("completions", "Print completions for a shell.") { shell };
        command.SetAction(parsed =>
        {
            string name = parsed.GetValue(shell)!;
            if (!Shells.TryGetValue(name, out var write))
                throw new RequestException(
                    $"unknown shell '{name}'{Suggestion.Hint(name, Shells.Keys)} (supported: "
                        + $"{string.Join(", ", Shells.Keys)})");
            screen.Out.Write(write(CommandTree.Of((RootCommand)parsed.RootCommandResult.Command)));
            return (int)ExitCode.Done;
        });
        Examples.AddTo(command, """
              source <(qsim completions bash)                 in ~/.bashrc
              source <(qsim completions zsh)                  in ~/.zshrc, after compinit
              qsim completions fish | source                  in ~/.config/fish/config.fish
              qsim completions pwsh | Out-String | Invoke-Expression     in $PROFILE
            """);
        return command;
    }
}
