using System.Diagnostics;
using System.Text.RegularExpressions;

namespace QSim.Runner.Output;

/// <summary>
/// What <see cref="WholeFile"/> was writing when its process was killed, in folders that no lock
/// keeps from other processes.
/// </summary>
internal static partial class Leftovers
{
    /// <summary>Nobody writes one file for so long; for processes of other machines.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly EnumerationOptions WithoutLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>
    /// Deletes them in a folder and in those below it; what cannot be deleted stays.
    /// </summary>
    public static void Clear(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string path in Directory.EnumerateFiles(
            folder, "*" + WholeFile.Temporary, WithoutLinks).ToArray())
            if (IsLeft(path)) Delete(path);
    }

    private static bool IsLeft(string path)
    {
        if (Name().Match(Path.GetFileName(path)) is not { Success: true } name
            || !int.TryParse(name.Groups["process"].ValueSpan, out int process))
            return false;
        Group machine = name.Groups["machine"];
        return !machine.Success || machine.Value == Environment.MachineName
            ? process == Environment.ProcessId || !IsAlive(process)
            : DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > Longest;
    }

    private static bool IsAlive(int process)
    {
        try
        {
            Process.GetProcessById(process).Dispose();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in nobody's way.
        }
    }

    [GeneratedRegex(
        @"^(probe|.+\.(json|npz|png|bin)\.(?<machine>.+))\.(?<process>\d+)\.tmp\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
