using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.CommandLine.Completions;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim man</c>: the manual page.</summary>
internal static class ManCommand
{
    private static string Version => typeof(ManCommand).Assembly.GetName().Version!.ToString(3);

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command("man", "Print the manual page of every command.");
        command.SetAction(parsed =>
        {
            var root = (RootCommand)parsed.RootCommandResult.Command;
            screen.Out.Write(ManPage.Write(CommandTree.Of(root), Version));
            return (int)ExitCode.Done;
        });
        Examples.AddTo(command, """
              qsim man | man -l -                             read it
              qsim man > /usr/local/share/man/man1/qsim.1     then: man qsim
            """);
        return command;
    }
}
