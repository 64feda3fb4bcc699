using System.Text;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Examples;

namespace QSim.Runner.Reports;

/// <summary>A folder that holds one run. Files appear whole or not at all.</summary>
internal sealed class RunDirectory
{
    /// <summary>Where networks are that were trained here.</summary>
    public const string NetworkFolder = "networks";

    /// <summary>The file that shows that a folder holds a run.</summary>
    public const string ManifestFile = "manifest.json";

    /// <summary>The resolved study.</summary>
    public const string StudyFile = "study.json";

    private RunDirectory(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Creates the folder for a run, or finds the one of an unfinished run of the same study; the
    /// run begins with <see cref="Begin"/>.
    /// </summary>
    /// <param name="named">
    /// The folder that the user named; null means <c>runs/</c> and the time.
    /// </param>
    /// <param name="now">The time.</param>
    /// <param name="overwrite">Starts anew in a folder that holds a run.</param>
    /// <param name="study">The resolved study.</param>
    /// <param name="mayBeFinished">Whether there is more to do than a finished run has.</param>
    /// <exception cref="RequestException">
    /// The folder holds another run, a finished one, or something that is no run.
    /// </exception>
    public static RunDirectory Create(
        string? named, DateTimeOffset now, bool overwrite, ResolvedStudy study,
        bool mayBeFinished = false)
    {
        string path = named ?? Unused(System.IO.Path.Combine("runs", $"{now:yyyyMMdd-HHmmss}"));
        if (path.Trim().Length == 0) throw new RequestException("--out names no folder");
        if (File.Exists(path))
            throw new RequestException($"{path}: is a file where a folder is needed (--out)");
        var directory = new RunDirectory(path);
        string? old = directory.Read(StudyFile) ?? directory.Read(ManifestFile);
        if (old is null && Directory.Exists(path) && HoldsAnything(path))
            throw new RequestException(
                $"{path}: is not empty and holds no run (name another --out)");
        bool isSame = old == Json.Of(study);
        if (old is not null && !overwrite && !(mayBeFinished && isSame))
            directory.CheckUnfinished(isSame);
        Directory.CreateDirectory(path);
        return directory;
    }

    /// <summary>
    /// Puts the study into the folder and clears away what was being written when an earlier
    /// process was killed; to be called by the process that has its cells open, so that
    /// nobody loses a run that goes on.
    /// </summary>
    /// <param name="study">The resolved study.</param>
    /// <param name="anew">Deletes what an earlier run left and this one may not.</param>
    public void Begin(ResolvedStudy study, bool anew)
    {
        if (anew)
        {
            foreach (string name in new[] { ManifestFile, ExampleSet.FileName })
                File.Delete(System.IO.Path.Combine(Path, name));
            string networks = System.IO.Path.Combine(Path, NetworkFolder);
            if (Directory.Exists(networks)) Directory.Delete(networks, recursive: true);
        }

        string[] written = ["", NetworkFolder];
        foreach (string folder in written.Select(w => System.IO.Path.Combine(Path, w)))
            if (Directory.Exists(folder))
                foreach (string left in Directory.GetFiles(folder, "*.tmp")) File.Delete(left);
        Write(StudyFile, Json.Of(study));
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
            throw new RequestException($"{Path}: already holds a run {Hint}");
        if (!isSameStudy)
            throw new RequestException($"{Path}: holds an unfinished run of another study {Hint}");
    }

    /// <summary>Writes a file: see <see cref="WholeFile.Replace"/>.</summary>
    public void Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    /// <summary>The same for a file that is no text, or lies in a folder of its own.</summary>
    public void Write(string name, byte[] content) =>
        WholeFile.Replace(System.IO.Path.Combine(Path, name), content);

    /// <summary>Anything but what a run leaves that ended before it began.</summary>
    private static bool HoldsAnything(string path) =>
        new DirectoryInfo(path).EnumerateFileSystemInfos().Any(e =>
            e.Name != CellStore.LockName
            && e is not FileInfo { Name: CellStore.FileName, Length: 0 });

    private static string Unused(string path)
    {
        string candidate = path;
        for (int n = 2; Directory.Exists(candidate); n++) candidate = $"{path}-{n}";
        return candidate;
    }
}
