using System.Diagnostics;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Runs the real executable.</summary>
internal static class Qsim
{
    /// <summary>Runs it to its end.</summary>
    public static Finished Run(params string[] arguments) => RunIn(Path.GetTempPath(), arguments);

    /// <summary>Runs it to its end in a folder.</summary>
    public static Finished RunIn(string folder, params string[] arguments)
    {
        using Process process = Start(folder, arguments);
        return Finish(process);
    }

    /// <summary>Starts it; its output waits in pipes.</summary>
    public static Process Start(string folder, params string[] arguments) =>
        Start(folder, arguments, []);

    /// <summary>Starts it with more in its environment.</summary>
    public static Process Start(
        string folder, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "qsim"), arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("QSIM_TRACE");
        start.Environment.Remove("QSIM_DATA");
        // Counts for code that runs for minutes; a tenth of the time of what ends after seconds.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end.</summary>
    public static Finished Finish(Process process) => Ends.Of(process);
}
