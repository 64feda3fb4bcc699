namespace QSim.Runner.Output;

/// <summary>
/// Where other programs are. Only absolute folders of PATH are searched: .NET and Windows would
/// also start a program from the current folder, which may be somebody else's.
/// </summary>
internal static class Programs
{
    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The absolute path of a program; null where PATH has none.</summary>
    /// <param name="name">Its name, without a folder.</param>
    public static string? Find(string name) => Find(
        name, Environment.GetEnvironmentVariable("PATH"), Directory.GetCurrentDirectory());

    /// <summary>The same for any PATH and current folder.</summary>
    internal static string? Find(string name, string? path, string current) =>
        (path ?? "")
            .Split(Path.PathSeparator)
            .Where(folder => Path.IsPathFullyQualified(folder) && !IsSame(folder, current))
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(CanStart);

    private static bool IsSame(string folder, string other) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))
        == Path.TrimEndingDirectorySeparator(Path.GetFullPath(other));

    private static bool CanStart(string file) =>
        File.Exists(file)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & Executable) != 0);
}
