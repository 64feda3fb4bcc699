using System.CommandLine;
using QSim.Kernels.Backends;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim backends</c>: what can run programs here, and why not.</summary>
public static class BackendsCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command("backends", "List what can run here, and if not, why and what to do about it.");
        command.SetAction(_ => List(screen));
        return command;
    }

    private static void List(Screen screen)
    {
        new TextTable(
            ["backend", "usable", "what it is"],
            [.. BackendList.All.Select(b => new[]
            {
                b.Name, b.WhyUnavailable is null ? "yes" : "no", b.Description,
            })]).Write(screen);
        foreach (IBackend backend in BackendList.All)
            if (backend.WhyUnavailable is { } reason) screen.Line($"{backend.Name}: {reason}");
    }
}
