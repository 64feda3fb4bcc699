using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Simulator;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Commands;

/// <summary><c>qsim profiles check</c>: every mistake in every file, one line each.</summary>
internal static class ProfilesCheckCommand
{
    public static Command Create(Screen screen)
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Files, or names of shipped profiles.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "check", "Check profiles: every mistake at once, exit code 2 if there is one.")
        {
            files,
        };
        command.SetAction(parsed => (int)Check(parsed.GetRequiredValue(files), screen));
        return command;
    }

    private static ExitCode Check(string[] files, Screen screen)
    {
        var code = ExitCode.Done;
        foreach (string file in files)
        {
            try
            {
                HardwareProfile profile = ProfileReader.Read(file);
                DatapathCompiler.Compile(profile);
                screen.Line($"{file}: ok: {profile.Name} (sha256 {profile.Sha256[..12]})");
            }
            catch (InputException e)
            {
                foreach (InputError error in e.Errors) screen.Note(error.ToString());
                code = ExitCode.UsageError;
            }
        }

        return code;
    }
}
