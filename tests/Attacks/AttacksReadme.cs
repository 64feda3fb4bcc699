namespace QSim.Attacks.Tests;

/// <summary>src/Attacks/README.md, whose tables tests hold to what there is.</summary>
internal static class AttacksReadme
{
    /// <summary>All of it, lines ending with a line feed.</summary>
    public static string Text { get; } = File.ReadAllText(Find()).ReplaceLineEndings("\n");

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "QSim.sln")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "src", "Attacks", "README.md");
    }
}
