namespace QSim.Runner.Tests;

/// <summary>Finds things on the disk that tests may use.</summary>
internal static class Shared
{
    /// <summary>The folder with QSim.sln.</summary>
    public static string Repository { get; } =
        Ancestors().FirstOrDefault(d => File.Exists(Path.Combine(d, "QSim.sln")))
        ?? throw new InvalidOperationException("the tests do not run inside the repository");

    /// <summary>
    /// The folder <c>shared</c> beside or above the repository; null when there is none.
    /// </summary>
    public static string? Folder { get; } =
        Ancestors().Select(d => Path.Combine(d, "shared"))
            .FirstOrDefault(d => Directory.Exists(Path.Combine(d, "golden")));

    private static IEnumerable<string> Ancestors()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
            yield return d.FullName;
    }
}
