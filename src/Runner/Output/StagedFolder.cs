namespace QSim.Runner.Output;

/// <summary>Fills a folder that a user named, new or empty: all of it or nothing.</summary>
internal static class StagedFolder
{
    /// <summary>Fills it.</summary>
    /// <param name="folder">The folder, made where there is none.</param>
    /// <param name="fill">
    /// Writes everything into another folder, which it makes; what it throws leaves nothing.
    /// </param>
    /// <exception cref="RequestException">Another process filled it meanwhile.</exception>
    public static void Fill(string folder, Action<string> fill)
    {
        string path = Path.GetFullPath(Path.TrimEndingDirectorySeparator(folder));
        string name = $"{Environment.ProcessId}{WholeFile.Temporary}";
        // Somebody may stand in a folder that is there, or a disk begin in it: it stays.
        bool isThere = Directory.Exists(path);
        string staged = isThere ? Path.Combine(path, name) : $"{path}.{name}";
        IReadOnlyList<string> made = NewFolder.Create(Path.GetDirectoryName(staged)!);
        try
        {
            if (Directory.Exists(staged)) Directory.Delete(staged, recursive: true);
            fill(staged);
            if (Directory.Exists(path)
                && Directory.EnumerateFileSystemEntries(path).Any(e => e != staged))
                throw new RequestException(
                    $"{folder}: was filled by another process meanwhile; name another (--out)");
            if (isThere) MoveAll(staged, path);
            else Directory.Move(staged, path);
        }
        catch (IOException e) when (e.Message.Contains(staged))
        {
            throw new IOException(e.Message.Replace(staged, path), e);
        }
        finally
        {
            if (Directory.Exists(staged)) Directory.Delete(staged, recursive: true);
            foreach (string empty in made) NewFolder.RemoveIfEmpty(empty);
        }
    }

    private static void MoveAll(string from, string to)
    {
        foreach (string entry in Directory.GetFileSystemEntries(from))
            Directory.Move(entry, Path.Combine(to, Path.GetFileName(entry)));
    }
}
