using System.CommandLine;
using QSim.Runner.Output;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Commands;

/// <summary><c>qsim profiles explain</c>: what a profile comes to.</summary>
internal static class ProfilesExplainCommand
{
    public static Command Create(Screen screen)
    {
        Argument<string> file = ProfilesCommand.Profile();
        var command = new Command("explain", "Show every stage of a profile, defaults resolved, widths computed.")
        {
            file,
        };
        command.SetAction(parsed => Explain(ProfileReader.Read(parsed.GetRequiredValue(file)), screen));
        return command;
    }

    private static void Explain(HardwareProfile profile, Screen screen)
    {
        Datapath datapath = DatapathCompiler.Compile(profile);
        screen.Line($"{profile.Name}: {profile.Summary}");
        screen.Line($"sha256 {profile.Sha256} ({string.Join(" + ", profile.Files.Select(f => f.Name))})");
        screen.Line();
        new TextTable(
            ["key", "value", "from"],
            [.. ResolvedProfile.Keys(profile).Where(k => k.Path is not ("source" or "summary"))
                .Select(k => new[] { k.Path, k.Value, From(k) })]).Write(screen);
        screen.Line();
        foreach (string line in DatapathWidths.Describe(datapath)) screen.Line(line);
    }

    private static string From(ResolvedKey key) =>
        key.IsDefault ? "default" : $"{key.Origin.File}:{key.Origin.Line}";
}
