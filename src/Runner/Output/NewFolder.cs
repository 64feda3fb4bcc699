namespace QSim.Runner.Output;

/// <summary>Folders that a user names for what a command writes.</summary>
internal static class NewFolder
{
    /// <summary>
    /// Whether files can go into a folder, which is made where there is none; nothing is left.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="option">The option that named it.</param>
    /// <exception cref="RequestException">It has no name, is a file, or they cannot.</exception>
    public static void Check(string folder, string option)
    {
        CheckNamed(folder, option);
        if (File.Exists(folder))
            throw new RequestException($"{folder}: is a file where a folder is needed ({option})");
        string path = Path.GetFullPath(folder);
        string[] missing = Missing(path);
        try
        {
            Directory.CreateDirectory(path);
            string probe = Path.Combine(
                path, $"probe.{Environment.ProcessId}{WholeFile.Temporary}");
            OwnFile.Create(probe).Dispose();
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{folder}: {WhyNot(path)} ({option})");
        }
        finally
        {
            foreach (string made in missing) RemoveIfEmpty(made);
        }
    }

    /// <summary>Whether a folder has a name, before a path is made of it.</summary>
    /// <exception cref="RequestException">It has none.</exception>
    public static void CheckNamed(string folder, string option)
    {
        if (folder.Trim().Length == 0)
            throw new RequestException($"{option} is empty: name a folder");
    }

    /// <summary>Makes a folder; returns those that were missing, the innermost first.</summary>
    public static IReadOnlyList<string> Create(string folder)
    {
        string[] missing = Missing(Path.GetFullPath(folder));
        Directory.CreateDirectory(folder);
        return missing;
    }

    /// <summary>Removes a folder in which nothing is.</summary>
    public static void RemoveIfEmpty(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something is in it, perhaps since a moment ago.
        }
    }

    /// <summary>The system's own words speak of a file that could not be found.</summary>
    private static string WhyNot(string path)
    {
        string? above = Upwards(path).FirstOrDefault(Path.Exists);
        return above == path ? "no file can be written there"
            : File.Exists(above) ? $"{above} is not a folder"
            : $"no folder can be made in {above}";
    }

    private static string[] Missing(string path) =>
        [.. Upwards(path).TakeWhile(f => !Directory.Exists(f))];

    private static IEnumerable<string> Upwards(string path)
    {
        for (string? at = path; at is not null; at = Path.GetDirectoryName(at)) yield return at;
    }
}
