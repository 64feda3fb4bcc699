using System.Text;
using QSim.Runner.CommandLine;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Reports;

/// <summary>A folder that holds one run. Files appear whole or not at all.</summary>
public sealed class RunDirectory
{
    /// <summary>The file that shows that a folder holds a run.</summary>
    public const string ManifestFile = "manifest.json";

    /// <summary>The resolved study.</summary>
    public const string StudyFile = "study.json";

    private RunDirectory(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Creates the folder for a run, or finds the one of an unfinished run of the same study.
    /// </summary>
    /// <param name="named">
    /// The folder that the user named; null means <c>runs/</c> and the time.
    /// </param>
    /// <param name="now">The time.</param>
    /// <param name="overwrite">Starts anew in a folder that holds a run.</param>
    /// <param name="study">The resolved study.</param>
    /// <exception cref="UsageException">
    /// The folder holds another run, a finished one, or something that is no run.
    /// </exception>
    public static RunDirectory Create(
        string? named, DateTimeOffset now, bool overwrite, ResolvedStudy study)
    {
        string path = named ?? Unused(System.IO.Path.Combine("runs", $"{now:yyyyMMdd-HHmmss}"));
        if (File.Exists(path))
            throw new UsageException($"{path}: is a file where a folder is needed (--out)");
        var directory = new RunDirectory(path);
        string? old = directory.Read(StudyFile) ?? directory.Read(ManifestFile);
        if (old is null
            && Directory.Exists(path)
            && Directory.EnumerateFileSystemEntries(path).Any())
            throw new UsageException($"{path}: is not empty and holds no run (name another --out)");
        string resolved = Json.Of(study);
        if (old is not null && !overwrite) directory.CheckUnfinished(old == resolved);
        Directory.CreateDirectory(path);
        if (overwrite) File.Delete(System.IO.Path.Combine(path, CellStore.FileName));
        directory.Write(StudyFile, resolved);
        return directory;
    }

    /// <summary>A folder that is there.</summary>
    public static RunDirectory Open(string path) => new(path);

    /// <summary>The text of a file; null when it is not there.</summary>
    public string? Read(string name)
    {
        string file = System.IO.Path.Combine(Path, name);
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    private void CheckUnfinished(bool isSameStudy)
    {
        const string Hint = "(name another --out, or add --overwrite)";
        if (Read(ManifestFile) is { } manifest && Manifest.StatusOf(manifest) == Manifest.Finished)
            throw new UsageException($"{Path}: already holds a run {Hint}");
        if (!isSameStudy)
            throw new UsageException($"{Path}: holds an unfinished run of another study {Hint}");
    }

    /// <summary>
    /// Writes a file under a temporary name, then gives it its own: readers never see half of it.
    /// </summary>
    public void Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    /// <summary>The same for a file that is no text, or lies in a folder of its own.</summary>
    public void Write(string name, byte[] content)
    {
        string target = System.IO.Path.Combine(Path, name);
        string temporary = target + ".tmp";
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, target, overwrite: true);
    }

    private static string Unused(string path)
    {
        string candidate = path;
        for (int n = 2; Directory.Exists(candidate); n++) candidate = $"{path}-{n}";
        return candidate;
    }
}
