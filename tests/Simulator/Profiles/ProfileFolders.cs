namespace QSim.Simulator.Tests.Profiles;

/// <summary>Where profiles and test files lie, found from the test assembly upwards.</summary>
internal static class ProfileFolders
{
    public static string Root { get; } = FindRoot();

    public static string Shipped => Path.Combine(Root, "hardware-profiles");

    public static string Good =>
        Path.Combine(Root, "tests", "Simulator", "Profiles", "Files", "good");

    public static string Bad =>
        Path.Combine(Root, "tests", "Simulator", "Profiles", "Files", "bad");

    public static TheoryData<string> Yaml(string folder) =>
        [
            .. Directory
                .GetFiles(folder, "*.yaml")
                .Select(f => Path.GetFileName(f)!)
                .Order(StringComparer.Ordinal),
        ];

    private static string FindRoot()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
            if (File.Exists(Path.Combine(d.FullName, "QSim.sln"))) return d.FullName;
        throw new DirectoryNotFoundException("no QSim.sln above the test assembly");
    }
}
