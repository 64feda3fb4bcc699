
namespace QSim.Runner.Output;

/// <summary>
/// Files that are there whole or not at all, whatever happens while they are written.
/// </summary>
internal static class WholeFile
{
    /// <summary>How the names of files end that are not whole yet.</summary>
    public const string Temporary = ".tmp";

    /// <summary>
    /// Writes a file of QSim's own under a temporary name beside it, then gives it its own: readers
    /// never see half of it, after a loss of power neither. Its folder is created where there is
    /// none; a link in its place is replaced, not followed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">Its content, one after the other.</param>
    /// <exception cref="IOException">It cannot be written; the file is as it was.</exception>
    public static void Replace(string path, params ReadOnlySpan<byte[]> parts)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        string temporary = $"{path}.{Environment.ProcessId}{Temporary}";
        try
        {
            // Left by an earlier process of that number, or put there by somebody.
            File.Delete(temporary);
            using (FileStream file = OwnFile.Create(temporary))
            {
                foreach (byte[] part in parts) file.Write(part);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            OwnFile.FlushFolder(folder);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            if (e is IOException && !e.Message.Contains(path))
                throw new IOException($"{path}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>
    /// Writes a file that the user named, which may be a device as well; nothing new is left where
    /// that fails.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="RequestException">See <see cref="Check"/>.</exception>
    public static void Deliver(string path, Action<Stream> write)
    {
        Check(path);
        bool isNew = !File.Exists(path);
        try
        {
            using FileStream file = File.Create(path);
            write(file);
        }
        catch when (isNew)
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Whether a file that the user named can be one, before any work for it.</summary>
    /// <exception cref="RequestException">It is a folder, or would be in none.</exception>
    public static void Check(string path)
    {
        if (path.Length == 0) throw new RequestException("--out is empty: name a file");
        if (Directory.Exists(path))
            throw new RequestException($"{path}: is a folder where a file is needed (--out)");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new RequestException($"{path}: there is no folder {folder} (--out)");
        if (File.Exists(path) || new FileInfo(path).LinkTarget is not null) return;
        // Refused now, not after the work.
        OwnFile.Create(path).Dispose();
        File.Delete(path);
    }
}
