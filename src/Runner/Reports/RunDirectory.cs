using QSim.Runner.CommandLine;

namespace QSim.Runner.Reports;

/// <summary>A folder that holds one run. Files appear whole or not at all.</summary>
public sealed class RunDirectory
{
    /// <summary>The file that shows that a folder holds a run.</summary>
    public const string ManifestFile = "manifest.json";

    private RunDirectory(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Creates the folder for a run.</summary>
    /// <param name="named">The folder that the user named; null means <c>runs/</c> and the time.</param>
    /// <param name="now">The time.</param>
    /// <param name="overwrite">Allows a folder that holds a run.</param>
    /// <exception cref="UsageException">The folder holds a run, or something that is not one.</exception>
    public static RunDirectory Create(string? named, DateTimeOffset now, bool overwrite)
    {
        string path = named ?? Unused(System.IO.Path.Combine("runs", $"{now:yyyyMMdd-HHmmss}"));
        if (File.Exists(path)) throw new UsageException($"{path}: is a file where a folder is needed (--out)");
        bool holdsRun = File.Exists(System.IO.Path.Combine(path, ManifestFile));
        if (holdsRun && !overwrite)
            throw new UsageException($"{path}: already holds a run (name another --out, or add --overwrite)");
        if (!holdsRun && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new UsageException($"{path}: is not empty and holds no run (name another --out)");
        Directory.CreateDirectory(path);
        return new(path);
    }


    /// <summary>Writes a file under a temporary name, then gives it its own: readers never see half of it.</summary>
    public void Write(string name, string content)
    {
        string target = System.IO.Path.Combine(Path, name);
        string temporary = target + ".tmp";
        File.WriteAllText(temporary, content);
        File.Move(temporary, target, overwrite: true);
    }

    private static string Unused(string path)
    {
        string candidate = path;
        for (int n = 2; Directory.Exists(candidate); n++) candidate = $"{path}-{n}";
        return candidate;
    }
}
