using System.Reflection;
using QSim.Runner.Output;

namespace QSim.Runner.Cluster;

/// <summary>How this program is started once more.</summary>
internal static class SelfCommand
{
    /// <summary>The program and the words before its arguments.</summary>
    public static IReadOnlyList<string> Words { get; } = Find();

    /// <summary>A task of a run, as words of a command line.</summary>
    public static IEnumerable<string> Task(string run, string task) =>
        ["work", run, "--task", task, "--quiet"];

    /// <summary>The end of a run, as words of a command line.</summary>
    public static IEnumerable<string> Finish(string run) => ["work", run, "--finish", "--quiet"];

    private static IReadOnlyList<string> Find()
    {
        string program = Environment.ProcessPath ?? Programs.Find("qsim") ?? "qsim";
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return isHost ? [program, Assembly.GetExecutingAssembly().Location] : [program];
    }
}
