using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;

namespace QSim.Runner.Commands;

/// <summary><c>qsim profiles</c>: the hardware profiles that come with QSim.</summary>
public static class ProfilesCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command("profiles", "List and show hardware profiles.");
        command.SetAction(_ => List(screen));
        command.Add(CreateList(screen));
        command.Add(CreateShow(screen));
        return command;
    }

    private static Command CreateList(Screen screen)
    {
        var command = new Command("list", "List the profiles that come with QSim.");
        command.SetAction(_ => List(screen));
        return command;
    }

    private static Command CreateShow(Screen screen)
    {
        var name = new Argument<string>("profile") { Description = "A shipped profile's name, or a file." };
        var command = new Command("show", "Print a profile's YAML.") { name };
        command.SetAction(parsed => Show(parsed.GetRequiredValue(name), screen));
        return command;
    }

    private static void List(Screen screen) =>
        throw new UsageException("profiles are being written");

    private static void Show(string profile, Screen screen) =>
        throw new UsageException($"profiles are being written: no '{profile}' yet");
}
