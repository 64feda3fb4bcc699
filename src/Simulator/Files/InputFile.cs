using System.Text;

namespace QSim.Simulator.Files;

/// <summary>
/// The one way to a file that somebody else wrote: its size first, then no more than that. Pipes,
/// devices and sockets have no size, and are never opened: they may never end, or never begin.
/// </summary>
internal static class InputFile
{
    /// <summary>The most bytes that are read of any file.</summary>
    public const long MostBytes = 0x7FFFFFC7;

    private const int BufferBytes = 1 << 20;
    private const string Needed = " where a file is needed (supported: regular files)";

    /// <summary>The whole file.</summary>
    /// <param name="path">The file; a link is followed.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="IOException">
    /// There is none, or it is a folder, a pipe, a device, or too large; the message says which,
    /// without the path.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path, long most = MostBytes)
    {
        if (LengthOf(path) == 0) return [];
        using FileStream stream = Open(path, most);
        return Contents(stream, stream.Length, most);
    }

    /// <summary>The file, to be read from its start; see <see cref="Read"/>.</summary>
    /// <exception cref="IOException">The same, or it is empty.</exception>
    public static FileStream Open(string path, long most = MostBytes)
    {
        long length = LengthOf(path);
        if (length == 0) throw new IOException("the file is empty");
        if (length > most)
            throw new IOException($"the file is larger than {most} bytes ({length})");
        var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
            (int)Math.Min(length, BufferBytes));
        if (stream.CanSeek && stream.Length <= most) return stream;
        stream.Dispose();
        throw new IOException("the file was replaced while it was being opened");
    }

    /// <summary>
    /// What a text file says, without a byte order mark: UTF-8, or UTF-16 where such a mark begins
    /// it, as PowerShell 5 writes whatever <c>&gt;</c> redirects. Null where it is neither.
    /// </summary>
    public static string? Text(ReadOnlySpan<byte> bytes)
    {
        (Encoding encoding, int mark) = bytes switch
        {
            [0xFF, 0xFE, ..] => ((Encoding)new UnicodeEncoding(false, false, true), 2),
            [0xFE, 0xFF, ..] => (new UnicodeEncoding(true, false, true), 2),
            [0xEF, 0xBB, 0xBF, ..] => (new UTF8Encoding(false, true), 3),
            _ => (new UTF8Encoding(false, true), 0),
        };
        try
        {
            return encoding.GetString(bytes[mark..]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>
    /// As <c>; did you mean 'my-chip.yaml'?</c> where a file of that name and ending is there, and
    /// nothing of the name alone; otherwise nothing.
    /// </summary>
    /// <param name="path">What was typed.</param>
    /// <param name="endings">How files of the wanted kind end.</param>
    public static string Beside(string path, params string[] endings) =>
        !Path.Exists(path) && endings.Select(e => path + e).FirstOrDefault(File.Exists) is { } file
            ? $"; did you mean '{Brief.Name(file)}'?"
            : "";

    /// <summary>Bytes of a regular file.</summary>
    /// <exception cref="IOException">There is none, or it is something else.</exception>
    private static long LengthOf(string path)
    {
        if (path.Length == 0 || path.Contains('\0')) throw new IOException("is not a file name");
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new IOException(
                Directory.Exists(path) ? "is a folder where a file is needed"
                : "there is no such file");
        // What the shell puts in place of <(...) is a link to something that has no name.
        FileInfo found = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        if (!found.Exists) throw new IOException($"is a pipe{Needed}");
        string? other = found.Length > 0 ? null
            : FileKind.Of(found.FullName)
                ?? (HasBytes(found) ? "a file of the system that has no size" : null);
        return other is null ? found.Length : throw new IOException($"is {other}{Needed}");
    }

    /// <summary>Files of /proc say that they have none, and do.</summary>
    private static bool HasBytes(FileInfo regular)
    {
        try
        {
            using FileStream file = regular.OpenRead();
            return file.ReadByte() >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// What is there, though it be less than was said: memory grows with the data.
    /// </summary>
    private static byte[] Contents(Stream stream, long said, long most)
    {
        byte[] bytes = new byte[Math.Min(said, BufferBytes)];
        int read = 0;
        while (true)
        {
            int more = stream.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, false);
            read += more;
            if (read < bytes.Length || read >= Math.Min(said, most)) return bytes[..read];
            Array.Resize(ref bytes, (int)Math.Min(Math.Min(said, most), 4L * bytes.Length));
        }
    }
}
