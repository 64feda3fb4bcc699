namespace QSim.Simulator.Files;

/// <summary>Where paths lead once every link on the way is followed.</summary>
internal static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>The path without links; what is not there stays as it is written.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path), root = Path.GetPathRoot(full)!;
        string at = root;
        var left = new Stack<string>();
        Push(left, full[root.Length..]);
        int links = 0;
        while (left.TryPop(out string? part))
        {
            if (part is "" or ".") continue;
            if (part == "..")
            {
                at = Path.GetDirectoryName(at) ?? root;
                continue;
            }

            string next = Path.Combine(at, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks) throw new IOException($"leads through {links} links or more");
            if (Path.IsPathRooted(target)) at = root;
            Push(left, target);
        }

        return at;
    }

    /// <summary>Whether a path without links lies in a folder, or below it.</summary>
    public static bool IsBelow(string path, string folder) => path.StartsWith(
        Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar,
        StringComparison.Ordinal);

    private static void Push(Stack<string> left, string path)
    {
        foreach (string part in path.Split(
            Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse())
            left.Push(part);
    }
}
