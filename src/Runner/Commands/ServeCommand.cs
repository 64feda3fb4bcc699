using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Serving;

namespace QSim.Runner.Commands;

/// <summary><c>qsim serve</c>: hardware that answers other programs.</summary>
internal static class ServeCommand
{
    private const string Help = """
          qsim serve                          for the program that starts it, over stdin and stdout
          qsim serve --socket /tmp/qsim.sock  for this user's programs, until Ctrl-C

        A client opens networks on hardware profiles and sends images; it hears logits as floats and
        as raw integers, raw values of layers, and straight-through gradients. Python has one ready:
        python/README.md. The protocol, for any other language: docs/serve.md. No network is ever
        listened to; a socket is its owner's alone. It ends with its stdin.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var socket = new Option<string?>("--socket")
        {
            Description = "Listen on a Unix socket (default: stdin and stdout).",
            HelpName = "path",
        };
        Option<string?> folder = CommonOptions.DataFolder();
        var command = new Command(
            "serve", "Keep hardware ready and answer other programs: images to logits, gradients.")
        {
            socket, folder,
        };
        Examples.AddTo(command, Help);
        command.SetAction(async (parsed, cancellation) =>
        {
            DataFolders folders = DataFolders.Resolve(parsed.GetValue(folder));
            if (parsed.GetValue(socket) is { } path)
            {
                using var server = new SocketServer(path, screen);
                screen.Note($"listening on {Path.GetFullPath(path)}");
                await server.Run(folders, cancellation);
            }
            else
                await OnPipes(screen, folders, cancellation);

            return (int)ExitCode.Done;
        });
        return command;
    }

    /// <summary>
    /// A read of a pipe cannot be taken back: where the user ends the process, it is left alone.
    /// </summary>
    private static async Task OnPipes(
        Screen screen, DataFolders folders, CancellationToken cancellation)
    {
        if (!Console.IsInputRedirected || screen.OutIsTerminal)
            throw new RequestException(
                "serve: stdin and stdout are for a program, and here is a terminal (supported: "
                    + "pipes; --socket PATH; 'qsim serve --help' says more)");
        (Stream input, Stream output) = StandardStreams.Binary();
        Task serving = Task.Run(
            () => new Session(new(input, output), folders).Run(cancellation),
            CancellationToken.None);
        await serving.WaitAsync(cancellation);
    }
}
