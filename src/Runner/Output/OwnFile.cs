using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QSim.Runner.Output;

/// <summary>
/// Files that QSim itself put where they are: opened only where they are regular files. A link in
/// their place is not followed (a folder that came from elsewhere could lead to anybody's files),
/// and a pipe is not waited for.
/// </summary>
internal static class OwnFile
{
    /// <summary>What is said of a file beyond a limit, of which .NET has other words.</summary>
    public const string TooLarge =
        "would be larger than the file system, or the shell's limit (ulimit -f), allows";

    /// <summary>Whether that is what went wrong: of EFBIG .NET makes no IOException.</summary>
    public static bool IsTooLarge(Exception exception) =>
        exception is ArgumentOutOfRangeException
        && exception.TargetSite?.DeclaringType == typeof(RandomAccess);

    /// <summary>Opens a file to be read; null where there is none.</summary>
    /// <exception cref="IOException">It is not a regular file, or cannot be opened.</exception>
    public static FileStream? OpenRead(string path) => Open(path, FileAccess.Read);

    /// <summary>
    /// Opens a file to be read and written; creates it where there is none.
    /// </summary>
    /// <exception cref="IOException">It is not a regular file, or cannot be opened.</exception>
    public static FileStream OpenWrite(string path)
    {
        while (true)
        {
            if (Open(path, FileAccess.ReadWrite) is { } file) return file;
            try
            {
                Create(path).Dispose();
            }
            catch (IOException) when (Exists(path))
            {
                // Somebody else was faster.
            }
        }
    }

    /// <summary>Creates a file that was not there; a link in its place is not followed.</summary>
    /// <exception cref="IOException">There is something of that name.</exception>
    public static FileStream Create(string path) => new(
        path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete,
        bufferSize: 0);

    /// <summary>All of a file; null where there is none.</summary>
    /// <exception cref="IOException">It is not a regular file, or cannot be read.</exception>
    public static byte[]? Read(string path)
    {
        using FileStream? file = OpenRead(path);
        if (file is null) return null;
        if (file.Length > Array.MaxLength)
            throw new IOException($"{path}: is too long for a file of QSim's own");
        var bytes = new byte[file.Length];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>Whether a name is taken, by a link to nowhere as well.</summary>
    public static bool Exists(string path) =>
        new FileInfo(path) is var file && (file.Exists || file.LinkTarget is not null);

    /// <summary>Whether a file or a folder is a link.</summary>
    public static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>
    /// Puts a folder's list of files on the disk, so that a new or renamed file survives a loss of
    /// power; does nothing where the system knows no such thing.
    /// </summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        using SafeFileHandle? folder = Native.Open(path, Native.Directory);
        if (folder is not null) RandomAccess.FlushToDisk(folder);
    }

    private static FileStream? Open(string path, FileAccess access)
    {
        if (OperatingSystem.IsWindows()) return OpenOnWindows(path, access);
        int mode = access == FileAccess.Read ? 0 : Native.ReadWrite;
        SafeFileHandle? handle = Native.Open(path, mode | Native.NoFollow | Native.NonBlocking);
        if (handle is null) return null;
        try
        {
            var file = new FileStream(handle, access, bufferSize: 0);
            return file.CanSeek ? file : throw new IOException($"{path}: is not a regular file");
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            handle.Dispose();
            throw new IOException($"{path}: is not a regular file", e);
        }
    }

    private static FileStream? OpenOnWindows(string path, FileAccess access)
    {
        if (!File.Exists(path)) return null;
        if (IsLink(path)) throw Native.IsALink(path);
        return new(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete, 0);
    }

    /// <summary>The system's own call, for what .NET has no option for.</summary>
    private static class Native
    {
        public const int ReadWrite = 2;
        private const int NoSuchFile = 2, NotAFolder = 20;

        private static readonly bool IsApple = OperatingSystem.IsMacOS();

        private static readonly bool IsArm =
            RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

        /// <summary>The open flags differ between systems and, on Linux, processors.</summary>
        public static int NoFollow => IsApple ? 0x100 : IsArm ? 0x8000 : 0x20000;

        public static int NonBlocking => IsApple ? 4 : 0x800;

        public static int Directory => IsApple ? 0x100000 : IsArm ? 0x4000 : 0x10000;

        private static int CloseOnExec => IsApple ? 0x1000000 : 0x80000;

        private static int TooManyLinks => IsApple ? 62 : 40;

        /// <summary>Null where there is no such file.</summary>
        public static SafeFileHandle? Open(string path, int flags)
        {
            int descriptor = SystemOpen(path, flags | CloseOnExec);
            if (descriptor >= 0) return new(descriptor, ownsHandle: true);
            int error = Marshal.GetLastPInvokeError();
            if (error is NoSuchFile or NotAFolder) return null;
            throw error == TooManyLinks
                ? IsALink(path)
                : new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        public static IOException IsALink(string path) =>
            new($"{path}: is a link where a file of QSim's own is needed");

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        private static extern int SystemOpen(
            [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
    }

    /// <summary>
    /// Creates a file that was not there, which of many processes one can, on any file system.
    /// </summary>
    public static FileStream? TryCreate(string path)
    {
        try
        {
            return new FileStream(
                path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (Exists(path) || IsTaken(e))
        {
            return null;
        }
    }

    /// <summary>EEXIST, or Windows' word for it: the file may be gone again by now.</summary>
    private static bool IsTaken(IOException e) => (e.HResult & 0xFFFF) is 17 or 80;
}
