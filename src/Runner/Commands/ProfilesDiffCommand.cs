using System.Collections.Immutable;
using System.CommandLine;
using QSim.Runner.Output;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Commands;

/// <summary><c>qsim profiles diff</c>: where two profiles describe different hardware.</summary>
internal static class ProfilesDiffCommand
{
    public static Command Create(Screen screen)
    {
        Argument<string> first = ProfileArgument.Of("first");
        Argument<string> second = ProfileArgument.Of("second");
        var command = new Command("diff", "Compare two profiles, every default resolved.")
        {
            first,
            second,
        };
        command.SetAction(parsed =>
            Compare(
                ProfileReader.Read(parsed.GetRequiredValue(first)),
                ProfileReader.Read(parsed.GetRequiredValue(second)), screen));
        return command;
    }

    private static void Compare(HardwareProfile first, HardwareProfile second, Screen screen)
    {
        ImmutableArray<ProfileDifference> differences = ProfileDifference.Between(first, second);
        if (differences.IsEmpty)
        {
            screen.Line($"{first.Name} and {second.Name} describe the same hardware");
            return;
        }

        new TextTable(
            ["key", first.Name, second.Name],
            [.. differences.Select(d => new[] { d.Path, d.First ?? "-", d.Second ?? "-" })]
        ).Write(screen);
    }
}
