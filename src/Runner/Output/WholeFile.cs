using QSim.Simulator.Files;

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
    /// none, and not left where the file cannot be; a link in its place is replaced, not followed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">Its content, one after the other.</param>
    /// <exception cref="IOException">It cannot be written; the file is as it was.</exception>
    public static void Replace(string path, params ReadOnlySpan<byte[]> parts)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        IReadOnlyList<string> made = NewFolder.Create(folder);
        string temporary = TemporaryOf(path);
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
            foreach (string empty in made) NewFolder.RemoveIfEmpty(empty);
            if (e is not IOException && !OwnFile.IsTooLarge(e)) throw;
            string message = e is IOException
                ? e.Message.Replace(temporary, path) : OwnFile.TooLarge;
            throw new IOException(
                message.Contains(path) ? message : $"{path}: {message}", e);
        }
    }

    /// <summary>
    /// Writes files that the user named, all of them or none: what is there stays as it is until
    /// the last of them is whole. Links are followed, and devices written to.
    /// </summary>
    /// <param name="files">Each with who writes its content.</param>
    /// <exception cref="RequestException">See <see cref="Check"/>.</exception>
    public static void Deliver(params IReadOnlyList<(string Path, Action<Stream> Write)> files)
    {
        foreach ((string path, _) in files) Check(path);
        var staged = new List<(string Temporary, string Path)>();
        try
        {
            foreach ((string path, Action<Stream> write) in files.Where(f => !IsDirect(f.Path)))
            {
                string temporary = TemporaryOf(path);
                staged.Add((temporary, path));
                Stage(temporary, write);
            }

            foreach ((string path, Action<Stream> write) in files.Where(f => IsDirect(f.Path)))
            {
                using FileStream file = File.Create(path);
                write(file);
            }

            foreach ((string temporary, string path) in staged)
                File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException
            && staged.FirstOrDefault(s => e.Message.Contains(s.Temporary))
                is { Path: { } path, Temporary: { } temporary })
        {
            throw new IOException(e.Message.Replace(temporary, path), e);
        }
        finally
        {
            foreach ((string temporary, _) in staged) File.Delete(temporary);
        }
    }

    private static void Stage(string temporary, Action<Stream> write)
    {
        File.Delete(temporary);
        using FileStream file = OwnFile.Create(temporary);
        try
        {
            write(file);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (OwnFile.IsTooLarge(e))
        {
            throw new IOException($"{temporary}: {OwnFile.TooLarge}", e);
        }
    }

    /// <summary>
    /// A name that no other process has, on other machines that share the folder neither.
    /// </summary>
    private static string TemporaryOf(string path) =>
        $"{path}.{Environment.MachineName}.{Environment.ProcessId}{Temporary}";

    /// <summary>The same for one file.</summary>
    public static void Deliver(string path, Action<Stream> write) => Deliver((path, write));

    /// <summary>A link, or what has no content to lose: empty, or a device.</summary>
    private static bool IsDirect(string path) =>
        new FileInfo(path) is { LinkTarget: not null } or { Exists: true, Length: 0 };

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
        if (IsDirect(path))
        {
            // To open it would be to wait until somebody reads. What a shell puts in place of
            // >(...) is a link, and has a reader.
            if (!OwnFile.IsLink(path) && FileKind.Of(path) is "a pipe" or "a socket")
                throw new RequestException($"{path}: is a pipe where a file is needed (--out)");
            return;
        }

        // Refused now, not after the work.
        string probe = TemporaryOf(path);
        try
        {
            File.Delete(probe);
            OwnFile.Create(probe).Dispose();
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException(
                $"{path}: no file can be written in {folder} (--out)");
        }
    }
}
