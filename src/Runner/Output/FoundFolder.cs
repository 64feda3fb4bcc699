namespace QSim.Runner.Output;

/// <summary>Folders that a user names because something is in them.</summary>
internal static class FoundFolder
{
    /// <summary>Whether there is such a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="hint">Who named it, in brackets; empty where that is plain.</param>
    /// <exception cref="RequestException">There is none.</exception>
    public static void Check(string folder, string hint = "")
    {
        if (Directory.Exists(folder)) return;
        string why =
            folder.Trim().Length == 0 ? $"name a folder, found '{folder}'"
            : File.Exists(folder) ? $"{folder}: is a file where a folder is needed"
            : $"{folder}: no such folder";
        throw new RequestException(hint.Length > 0 ? $"{why} ({hint})" : why);
    }
}
