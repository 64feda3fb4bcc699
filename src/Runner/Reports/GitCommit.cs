using System.Text;
using QSim.Runner.Output;

namespace QSim.Runner.Reports;

/// <summary>
/// The commit that is checked out around a folder, read from <c>.git</c> (gitrepository-layout(5)).
/// Git itself is not run: what a repository's configuration names, git may execute, and the folder
/// may be somebody else's.
/// </summary>
internal static class GitCommit
{
    private const string Reference = "ref: ";
    private const int MostSteps = 5;

    /// <summary>Its hash in hexadecimal; null where there is none, or it cannot be told.</summary>
    public static string? Of(string folder)
    {
        try
        {
            for (DirectoryInfo? d = new(folder); d is not null; d = d.Parent)
                if (GitFolder(Path.Combine(d.FullName, ".git")) is { } git)
                    return Resolve(git, Common(git), Text(Path.Combine(git, "HEAD")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The manifest goes without.
        }

        return null;
    }

    /// <summary>A repository's folder; that of a worktree is named by a file.</summary>
    private static string? GitFolder(string path)
    {
        if (Directory.Exists(path)) return path;
        const string Named = "gitdir: ";
        return Text(path) is { } text && text.StartsWith(Named, StringComparison.Ordinal)
            ? Path.Combine(Path.GetDirectoryName(path)!, text[Named.Length..])
            : null;
    }

    /// <summary>Where the branches of a worktree are.</summary>
    private static string Common(string git) =>
        Text(Path.Combine(git, "commondir")) is { } common ? Path.Combine(git, common) : git;

    private static string? Resolve(string git, string common, string? text)
    {
        for (int step = 0; step < MostSteps; step++)
        {
            if (text is null) return null;
            if (!text.StartsWith(Reference, StringComparison.Ordinal))
                return IsHash(text) ? text : null;
            string name = text[Reference.Length..];
            if (!name.StartsWith("refs/", StringComparison.Ordinal) || name.Contains("..")) break;
            text = Text(Path.Combine(git, name)) ?? Text(Path.Combine(common, name))
                ?? Packed(Path.Combine(common, "packed-refs"), name);
        }

        return null;
    }

    private static string? Packed(string file, string name) =>
        Text(file)?.Split('\n')
            .Where(line => line.EndsWith(" " + name, StringComparison.Ordinal))
            .Select(line => line[..^(name.Length + 1)])
            .FirstOrDefault(IsHash);

    private static bool IsHash(string text) =>
        text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);

    private static string? Text(string file) =>
        !Directory.Exists(file) && OwnFile.Read(file) is { } bytes
            ? Encoding.UTF8.GetString(bytes).TrimEnd('\n', '\r')
            : null;
}
