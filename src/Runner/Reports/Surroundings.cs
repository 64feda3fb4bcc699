using System.Reflection;
using System.Runtime.InteropServices;

namespace QSim.Runner.Reports;

/// <summary>What a manifest says about where it was written.</summary>
internal static class Surroundings
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
    /// The commit of the repository around the current folder; null where there is none.
    /// </summary>
    public static string? Commit() => GitCommit.Of(Directory.GetCurrentDirectory());
}
