using System.Formats.Tar;

namespace QSim.Simulator.Files;

/// <summary>What a path leads to that says that it has no bytes.</summary>
internal static class FileKind
{
    /// <summary>Where the header of a tar archive says the kind.</summary>
    private const int KindAt = 156;

    /// <summary>As <c>a pipe</c>; null for a regular file, and where nobody can tell.</summary>
    /// <remarks>
    /// .NET shows kinds only to those who archive files, and it opens regular ones alone for it.
    /// </remarks>
    public static string? Of(string path)
    {
        if (OperatingSystem.IsWindows()) return null;
        using var archive = new MemoryStream();
        try
        {
            using var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true);
            writer.WriteEntry(path, "x");
        }
        catch (IOException)
        {
            return "a socket";
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }

        return (TarEntryType)archive.GetBuffer()[KindAt] switch
        {
            TarEntryType.Fifo => "a pipe",
            TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "a device",
            _ => null,
        };
    }
}
