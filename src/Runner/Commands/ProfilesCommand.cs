using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;
using QSim.Simulator.Profiles.Keys;

namespace QSim.Runner.Commands;

/// <summary><c>qsim profiles</c>: hardware profiles, shipped ones and the user's own.</summary>
internal static class ProfilesCommand
{
    private const string Starter = "my-accelerator";

    private const string Help = """
          qsim profiles list                         what comes with QSim
          qsim profiles new my-chip > my-chip.yaml   a commented starter
          qsim profiles check my-chip.yaml           every mistake at once, then exit code 2
          qsim profiles explain my-chip.yaml         every default resolved, widths computed
          qsim profiles diff int8-wide my-chip.yaml
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command(
            "profiles", "List, check, explain and compare hardware profiles.");
        command.SetAction(_ => List(screen));
        command.Add(CreateList(screen));
        command.Add(CreateShow(screen));
        command.Add(ProfilesCheckCommand.Create(screen));
        command.Add(ProfilesExplainCommand.Create(screen));
        command.Add(ProfilesDiffCommand.Create(screen));
        command.Add(CreateNew(screen));
        command.Add(CreateSchema(screen));
        Examples.AddTo(command, Help);
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
        Argument<string> profile = ProfileArgument.Of();
        var resolved = new Option<bool>("--resolved")
        {
            Description = "Write out every default, and what it extends.",
        };
        var command = new Command("show", "Print a profile's YAML.") { profile, resolved };
        command.SetAction(parsed =>
        {
            HardwareProfile read = ProfileReader.Read(parsed.GetRequiredValue(profile));
            screen.Document(parsed.GetValue(resolved) ? ResolvedProfile.Yaml(read) : read.Text);
        });
        return command;
    }

    private static Command CreateNew(Screen screen)
    {
        var name = new Argument<string?>("name")
        {
            Description = $"The new profile's name (default: {Starter}).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("new", "Print a commented profile to start from.") { name };
        command.SetAction(parsed =>
        {
            string yaml = StarterProfile.Yaml(parsed.GetValue(name) ?? Starter);
            _ = ProfileReader.Parse(yaml, "new");
            screen.Document(yaml);
        });
        return command;
    }

    private static Command CreateSchema(Screen screen)
    {
        var command = new Command(
            "schema", "Print the JSON Schema (draft 07) of profiles, for editors.");
        command.SetAction(_ => screen.Out.Write(ProfileKeys.JsonSchema()));
        return command;
    }

    private static void List(Screen screen) =>
        new TextTable(
            ["profile", "what it is"],
            [.. ShippedProfiles.Names.Select(n => new[] { n, ProfileReader.Read(n).Summary })]
        ).Write(screen);
}
