using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim run</c>: the quickstart, or a study file.</summary>
public static class RunCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command("run", "Run the quickstart: train, quantize, attack, one table.");
        command.SetAction((_, cancellation) => RunAsync(screen, cancellation));
        return command;
    }

    private static Task<int> RunAsync(Screen screen, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        throw new UsageException("the quickstart is being written");
    }
}
