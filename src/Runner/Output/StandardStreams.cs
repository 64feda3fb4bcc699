using System.Text;
using Microsoft.Win32.SafeHandles;

namespace QSim.Runner.Output;

/// <summary>
/// Standard output and error of this process, whatever the caller made of them: closed, full, or a
/// pipe that nobody reads. What cannot be said on stderr is left unsaid, since the work matters
/// more; a result that cannot be delivered is an error.
/// </summary>
internal static class StandardStreams
{
    private const string Descriptors = "/proc/self/fd", Facts = "/proc/self/fdinfo";

    /// <summary>Results.</summary>
    public static TextWriter Output() => IsOurs(1) ? new Refusing() : new Named(Console.Out);

    /// <summary>Progress and diagnostics.</summary>
    public static TextWriter Error() => IsOurs(2) ? TextWriter.Null : new Forgiving(Console.Error);

    /// <summary>
    /// Both as bytes, for a program at the other end. The console's own stream says nothing where
    /// nobody reads any more; this one does.
    /// </summary>
    /// <exception cref="IOException">The caller closed one of them.</exception>
    public static (Stream Input, Stream Output) Binary()
    {
        if (IsOurs(1)) throw new IOException("stdout is closed");
        if (IsOurs(0)) throw new IOException("stdin is closed");
        return OperatingSystem.IsWindows()
            ? (Console.OpenStandardInput(), Console.OpenStandardOutput())
            : (Descriptor(0, FileAccess.Read), Descriptor(1, FileAccess.Write));
    }

    private static FileStream Descriptor(int number, FileAccess access) =>
        new(new SafeFileHandle(number, ownsHandle: false), access, bufferSize: 0);

    /// <summary>
    /// Where the caller closed a stream, its number may by now be an end of a pipe that the runtime
    /// made for itself; writing there does harm, and reading there never ends.
    /// </summary>
    private static bool IsOurs(int descriptor)
    {
        try
        {
            if (!Directory.Exists(Descriptors)) return false;
            string? target = TargetOf($"{Descriptors}/{descriptor}");
            return target is null || (target.StartsWith("pipe:", StringComparison.Ordinal)
                && Directory.GetFiles(Descriptors)
                    .Any(f => TargetOf(f) == target && IsOtherEnd(f, descriptor)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? TargetOf(string path) => new FileInfo(path).LinkTarget;

    /// <summary>
    /// Whether another descriptor reads what this one writes, or writes what this one, stdin,
    /// reads. The last octal digit of the flags is the way of access: 0 for reading.
    /// </summary>
    private static bool IsOtherEnd(string path, int descriptor) =>
        int.TryParse(Path.GetFileName(path), out int number) && number > 0
        && File.ReadLines($"{Facts}/{number}").FirstOrDefault(l => l.StartsWith("flags:"))
            is { } flags && (flags[^1] - '0') % 4 == 0 == (descriptor > 0);

    /// <summary>A writer that does not leave troubles as they are.</summary>
    private abstract class Trying(TextWriter inner) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Try(() => inner.Write(value));

        public override void Write(string? value) => Try(() => inner.Write(value));

        public override void Write(char[] buffer, int index, int count) =>
            Try(() => inner.Write(buffer, index, count));

        public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

        public override void Flush() => Try(inner.Flush);

        protected abstract void Try(Action write);
    }

    /// <summary>Says which file has no room: the system's words do not.</summary>
    private sealed class Named(TextWriter inner) : Trying(inner)
    {
        protected override void Try(Action write)
        {
            try
            {
                write();
            }
            catch (IOException e)
            {
                throw new IOException($"stdout: {e.Message}", e);
            }
        }
    }

    /// <summary>Swallows what cannot be written.</summary>
    private sealed class Forgiving(TextWriter inner) : Trying(inner)
    {
        protected override void Try(Action write)
        {
            try
            {
                write();
            }
            catch (Exception e)
                when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // There is nowhere to say so.
            }
        }
    }

    /// <summary>Takes nothing.</summary>
    private sealed class Refusing : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException("stdout is closed");
    }
}
