using System.Text;
using System.Text.RegularExpressions;
using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Examples;

namespace QSim.Runner.Reports;

/// <summary>A folder that holds one run. Files appear whole or not at all.</summary>
internal sealed partial class RunDirectory
{
    /// <summary>The file that shows that a folder holds a run.</summary>
    public const string ManifestFile = "manifest.json";

    /// <summary>Where runs are whose folder nobody named.</summary>
    public const string DefaultFolder = "runs";

    /// <summary>The resolved study.</summary>
    public const string StudyFile = "study.json";

    /// <summary>Where networks are that were trained here.</summary>
    public const string NetworkFolder = "networks";

    /// <summary>Where the numbers behind a report's pictures are.</summary>
    public const string PlotFolder = "plots";

    /// <summary>Where trained networks and shared images are kept, if nowhere else.</summary>
    public const string CacheFolder = "cache";

    private readonly IReadOnlyList<string> _made;

    private RunDirectory(string path, IReadOnlyList<string>? made = null) =>
        (Path, _made) = (path, made ?? []);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Creates the folder for a run, or finds the one of a run of the same study; the run begins
    /// with <see cref="Begin"/>.
    /// </summary>
    /// <param name="named">
    /// The folder that the user named; null means the one of <see cref="Unfinished"/>, else
    /// <c>runs/</c> and the time.
    /// </param>
    /// <param name="now">The time.</param>
    /// <param name="overwrite">
    /// Starts anew in a folder that holds a run; null where the command cannot.
    /// </param>
    /// <param name="study">The resolved study.</param>
    /// <exception cref="RequestException">See <see cref="Check"/>.</exception>
    public static RunDirectory Create(
        string? named, DateTimeOffset now, bool? overwrite, ResolvedStudy study)
    {
        string path = named
            ?? (overwrite == true ? null : Unfinished(study))
            ?? Unused(System.IO.Path.Combine(DefaultFolder, $"{now:yyyyMMdd-HHmmss}"));
        Check(path, overwrite, study);
        IReadOnlyList<string> made = NewFolder.Create(path);
        OwnFile.FlushFolder(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        return new(path, made);
    }

    /// <summary>
    /// The newest folder in <c>runs/</c> that nobody named and that holds a run of a study which
    /// is not finished and in which nobody works; null where there is none.
    /// </summary>
    public static string? Unfinished(ResolvedStudy study)
    {
        if (!Directory.Exists(DefaultFolder)) return null;
        string own = Json.Of(study);
        return Directory.GetDirectories(DefaultFolder)
            .Where(path => Unnamed().IsMatch(System.IO.Path.GetFileName(path)))
            .OrderDescending(StringComparer.Ordinal)
            .FirstOrDefault(path =>
            {
                try
                {
                    RunDirectory run = Open(path);
                    return run.Read(StudyFile) is { } old && Parse(old) is { } found
                        && Json.Of(found) == own
                        && (run.Read(ManifestFile) is not { } manifest
                            || Manifest.StatusOf(manifest)
                                is not (Manifest.Finished or Manifest.Partial))
                        && !FolderLock.LooksAlive(path);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return false;
                }
            });
    }

    [GeneratedRegex(@"^\d{8}-\d{6}(-\d+)?$")]
    private static partial Regex Unnamed();

    /// <summary>Whether a folder can hold a run; leaves nothing of it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="overwrite">
    /// Starts anew in a folder that holds a run; null where the command cannot.
    /// </param>
    /// <param name="study">The resolved study.</param>
    /// <exception cref="RequestException">
    /// It cannot be made or written to, or holds a run of another study, or something that is no
    /// run.
    /// </exception>
    public static void Check(string path, bool? overwrite, ResolvedStudy study)
    {
        NewFolder.Check(path, "--out");
        new RunDirectory(path).CheckFits(study, overwrite);
    }

    /// <summary>
    /// Puts the study into the folder and clears away what was being written when an earlier
    /// process was killed; to be called by the process that has its cells open, so that
    /// nobody loses a run that goes on.
    /// </summary>
    /// <param name="study">The resolved study.</param>
    /// <param name="anew">Deletes what an earlier run left and this one may not.</param>
    /// <exception cref="RequestException">Somebody put another run there meanwhile.</exception>
    public void Begin(ResolvedStudy study, bool anew)
    {
        if (anew) Clear();
        else CheckFits(study, overwrite: false);
        string[] written =
        [
            NetworkFolder, CacheFolder, PlotFolder,
            .. ContentCache.Kinds.Select(k => System.IO.Path.Combine(CacheFolder, k)),
        ];
        ClearLeft(Path, written);
        Write(StudyFile, SealedJson.Of(study));
    }

    /// <summary>
    /// Deletes what was being written in a folder, and in folders in it, when somebody was killed.
    /// </summary>
    /// <exception cref="IOException">One of these is a link.</exception>
    public static void ClearLeft(string path, IReadOnlyList<string> written)
    {
        string[] folders = [.. written.Select(w => System.IO.Path.Combine(path, w))];
        if (folders.FirstOrDefault(OwnFile.IsLink) is { } link)
            throw new IOException($"{link}: is a link where a folder of QSim's own is needed");
        foreach (string folder in folders.Append(path))
            if (Directory.Exists(folder))
                foreach (string left in Directory.GetFiles(folder).Where(IsLeft)) File.Delete(left);
    }

    /// <summary>Removes folders that were made for this run and in which nothing is.</summary>
    public void RemoveIfEmpty()
    {
        foreach (string folder in _made) NewFolder.RemoveIfEmpty(folder);
    }

    /// <summary>
    /// Removes the folder with all that is in it, where it was made for this run; leaves one that
    /// was there before.
    /// </summary>
    public void RemoveIfMade()
    {
        if (_made.Contains(System.IO.Path.GetFullPath(Path)) && Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        RemoveIfEmpty();
    }

    /// <summary>Deletes the run of a folder, and the folder where nothing else is in it.</summary>
    public void Forget()
    {
        if (!Directory.Exists(Path) || OwnFile.IsLink(Path)) return;
        Clear();
        Delete([StudyFile, HardwareDescription.FileName, CellStore.FileName]);
        NewFolder.RemoveIfEmpty(Path);
    }

    /// <summary>A folder that is there.</summary>
    public static RunDirectory Open(string path) => new(path);

    /// <summary>The text of a file; null when it is not there.</summary>
    /// <exception cref="IOException">It is not a regular file.</exception>
    public string? Read(string name) =>
        OwnFile.Read(System.IO.Path.Combine(Path, name)) is { } bytes
            ? Encoding.UTF8.GetString(bytes)
            : null;

    /// <summary>
    /// Whether a run was finished here and every file is there that it left at its end.
    /// </summary>
    public bool IsFinished() =>
        Read(ManifestFile) is { } manifest && Manifest.StatusOf(manifest) == Manifest.Finished
        && RunRecorder.LastFiles.All(f => OwnFile.Exists(System.IO.Path.Combine(Path, f)));

    /// <summary>Whether there is any file in some folders of it.</summary>
    public bool Holds(params string[] folders) =>
        folders.Select(f => System.IO.Path.Combine(Path, f)).Any(f => Directory.Exists(f)
            && Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories).Any());

    /// <summary>Deletes files of it that are there.</summary>
    public void Delete(IEnumerable<string> names)
    {
        foreach (string name in names) File.Delete(System.IO.Path.Combine(Path, name));
    }

    /// <summary>Writes a file: see <see cref="WholeFile.Replace"/>.</summary>
    public void Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    /// <summary>The same for a file that is no text, or lies in a folder of its own.</summary>
    public void Write(string name, byte[] content) =>
        WholeFile.Replace(System.IO.Path.Combine(Path, name), content);

    private void CheckFits(ResolvedStudy study, bool? overwrite)
    {
        if (!Directory.Exists(Path)) return;
        string another = overwrite is null ? "name another folder" : "name another --out";
        string hint = overwrite is null ? $"({another})" : $"({another}, or add --overwrite)";
        string? old = Read(StudyFile), manifest = Read(ManifestFile);
        if (overwrite == true && (old ?? manifest) is not null) return;
        if (old is not null && Parse(old) is { } found)
        {
            if (Json.Of(found) == Json.Of(study)) return;
            bool isFinished =
                manifest is not null && Manifest.StatusOf(manifest) == Manifest.Finished;
            throw new RequestException(
                isFinished
                    ? $"{Path}: already holds a run {hint}"
                    : $"{Path}: holds an unfinished run of another study {hint}");
        }

        // A loss of power, say, took study.json away or left nothing in it: its cells tell.
        if (HoldsCellsOf(study) || !HoldsAnything()) return;
        throw new RequestException(
            (old ?? manifest) is null
                ? $"{Path}: is not empty and holds no run ({another})"
                : $"{Path}: holds an unfinished run of another study {hint}");
    }

    private static ResolvedStudy? Parse(string text)
    {
        try
        {
            return ResolvedStudy.Parse(Encoding.UTF8.GetBytes(text));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private bool HoldsCellsOf(ResolvedStudy study)
    {
        Dictionary<string, CellAddress> planned = new StudyPlan(study).Addresses();
        return CellStore.Read(Path, study).All.Any(c => planned.ContainsKey(c.Key));
    }

    /// <summary>Anything but what a run leaves that ended before it began.</summary>
    private bool HoldsAnything() =>
        new DirectoryInfo(Path).EnumerateFileSystemInfos().Any(e =>
            e.Name != FolderLock.FileName
            && !IsLeft(e.Name)
            && !(e.Name is CellStore.FileName && e is FileInfo { Length: 0 })
            && !(e.Name is StudyFile or ManifestFile && string.IsNullOrEmpty(Read(e.Name))));

    /// <summary>Whether a file was being written, or put aside, when somebody was killed.</summary>
    public static bool IsLeft(string path) =>
        path.EndsWith(WholeFile.Temporary, StringComparison.Ordinal)
        || path.EndsWith(FolderLock.Stale, StringComparison.Ordinal);

    private void Clear()
    {
        Delete(RunRecorder.LastFiles.Append(ExampleSet.FileName));
        foreach (string made in new[] { NetworkFolder, PlotFolder })
            if (System.IO.Path.Combine(Path, made) is var folder && Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
    }

    private static string Unused(string path)
    {
        string candidate = path;
        for (int n = 2; Directory.Exists(candidate); n++) candidate = $"{path}-{n}";
        return candidate;
    }
}
