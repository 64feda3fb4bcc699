using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace QSim.Runner.Reports;

/// <summary>What a manifest says about where it was written.</summary>
public static class Surroundings
{
    /// <summary>This machine and this program.</summary>
    public static ManifestHost Host() => new(
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion,
        Environment.Version.ToString(),
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount);

    /// <summary>
    /// The commit of the repository around the current folder; null where there is none, or no git.
    /// </summary>
    public static string? GitCommit() =>
        Git("rev-parse", "HEAD") is { Length: > 0 } commit ? commit : null;

    /// <summary>
    /// Whether that repository has changes that are in no commit; null where there is none.
    /// </summary>
    public static bool? GitDirty() =>
        Git("status", "--porcelain", "--untracked-files=no") is { } status
            ? status.Length > 0
            : null;

    private static string? Git(params string[] arguments)
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
