using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim data</c>: the datasets that QSim knows, and where they were found.</summary>
public static class DataCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command("data", "List known datasets and where they were found.");
        command.SetAction(_ => List(screen));
        return command;
    }

    private static void List(Screen screen) => throw new UsageException("datasets are being written");
}
