using System.Diagnostics;
using System.Globalization;
using System.Text;
using QSim.Runner.Output;

namespace QSim.Runner.Studies.Cells;

/// <summary>
/// Keeps a run's folder to one process. The file <c>cells.lock</c> is created exclusively, which
/// every file system does atomically; it names its process and counts on while that lives: a lease
/// that is renewed by writing, and watched by counting, so that no two clocks are compared. The
/// system's own lock is asked only about processes of this machine: network file systems have none,
/// or keep that of a machine that is gone.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = "cells.lock";

    /// <summary>How the name ends of a lock that is put aside.</summary>
    internal const string Stale = LockWatch.Stale;

    private readonly string _path;
    private readonly LockHolder _self;
    private readonly FileStream _file;
    private readonly ManualResetEvent _end = new(false);
    private readonly Thread _beats;

    private FolderLock(string path, LockHolder self, FileStream file, LockTimes times)
    {
        (_path, _self, _file) = (path, self, file);
        try
        {
            Write(0);
        }
        catch (Exception e) when (e is IOException || OwnFile.IsTooLarge(e))
        {
            // Others would wait for a name that a full disk has no room for.
            file.Dispose();
            File.Delete(path);
            if (e is IOException && e.Message.Contains(path)) throw;
            throw new IOException(
                $"{path}: {(e is IOException ? e.Message : OwnFile.TooLarge)}", e);
        }

        _beats = new Thread(() => Beat(times.Beat)) { IsBackground = true, Name = "lock" };
        _beats.Start();
    }

    /// <summary>Takes a folder, from a process that is no more as well.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="note">Told when it takes a while; null for nobody.</param>
    /// <param name="times">How long it takes; null for the usual.</param>
    /// <exception cref="IOException">Another process works in it.</exception>
    public static FolderLock Take(
        string folder, Action<string>? note = null, LockTimes? times = null) =>
        TakeFile(Path.Combine(folder, FileName), folder, note, times, out string reason)
        ?? throw new IOException(reason);

    /// <summary>The same by any file; null where another process has it.</summary>
    /// <param name="path">The lock, in an existing folder.</param>
    /// <param name="what">What it keeps, for people.</param>
    /// <param name="note">Told when it takes a while; null for nobody.</param>
    /// <param name="times">How long it takes; null for the usual.</param>
    /// <param name="reason">Who has it.</param>
    public static FolderLock? TakeFile(
        string path, string what, Action<string>? note, LockTimes? times, out string reason)
    {
        times ??= new();
        while (true)
        {
            reason = "";
            if (OwnFile.TryCreate(path) is { } file)
                return new(path, LockHolder.Self(), file, times);
            if (OwnFile.IsLink(path))
                throw new IOException($"{path}: is a link where a file of QSim's own is needed");
            var other = new LockWatch(path, times);
            if (other.WhyHeld(what, note) is { } held)
            {
                reason = held;
                return null;
            }

            if (other.Replace() is { } taken) return new(path, LockHolder.Self(), taken, times);
        }
    }

    /// <summary>
    /// Whether a process seems to work in a folder, at once: its lock was written not long ago by
    /// the file server's own clock, which stamps a file that is made here as well.
    /// </summary>
    public static bool LooksAlive(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (OwnFile.Read(path) is not { } bytes) return false;
            if (LockHolder.Parse(bytes)?.IsGone() == true) return false;
            string now = $"{path}.{Environment.MachineName}.{Environment.ProcessId}{Stale}";
            DateTime here;
            try
            {
                using (FileStream file = OwnFile.OpenWrite(now)) file.Write("now"u8);
                here = File.GetLastWriteTimeUtc(now);
            }
            finally
            {
                File.Delete(now);
            }

            return here - File.GetLastWriteTimeUtc(path) < new LockTimes().Lease;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Who may only read the folder believes the lock.
            return true;
        }
    }

    /// <summary>Whether the folder is still this process's.</summary>
    /// <exception cref="IOException">Another process took it, or the folder is gone.</exception>
    public void Check()
    {
        if (OwnFile.Read(_path) is not { } bytes)
            throw new IOException($"{_path}: was removed while the run was at work");
        if (LockHolder.Parse(bytes) is not { } found || found with { Beats = 0 } != _self)
            throw new IOException($"{_path}: another process took the folder");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Set();
        _beats.Join();
        _end.Dispose();
        try
        {
            Check();
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not ours any more, or not to be removed: whoever comes next will see.
        }

        _file.Dispose();
    }

    private void Beat(TimeSpan every)
    {
        for (long beats = 1; !_end.WaitOne(every); beats++)
        {
            try
            {
                Write(beats);
            }
            catch (IOException)
            {
                // A full disk, say; the next beat may get through.
            }
        }
    }

    /// <summary>
    /// Always of the same length, so that a full disk has room for it; flushed, for a network file
    /// system keeps for itself what its server has not been told.
    /// </summary>
    private void Write(long beats)
    {
        _file.Position = 0;
        _file.Write((_self with { Beats = beats }).ToBytes());
        _file.Flush(flushToDisk: true);
    }
}

internal sealed record LockTimes
{
    /// <summary>Between two signs of life.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Without a sign of life for so long, a process elsewhere counts as dead.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Tells time that passes; the monotonic clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a lock may be empty: its process is about to write its name.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>What a lock says.</summary>
/// <param name="Process">The process's number.</param>
/// <param name="Host">Its machine.</param>
/// <param name="Space">
/// Where the number means that process: containers on one machine count for themselves.
/// </param>
/// <param name="Since">Tells apart processes of the same number.</param>
/// <param name="Beats">Signs of life so far.</param>
internal sealed record LockHolder(int Process, string Host, string Space, long Since, long Beats)
{
    private const int Most = 1 << 12;

    /// <summary>This process, from now on.</summary>
    public static LockHolder Self() =>
        new(Environment.ProcessId, Machine(), SpaceHere(), Stopwatch.GetTimestamp(), 0);

    /// <summary>Null where it is no lock of this version.</summary>
    public static LockHolder? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Most) return null;
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        return lines.Length == 6
            && TryNumber(lines[0], out long process) && process <= int.MaxValue
            && TryNumber(lines[3], out long since) && TryNumber(lines[4], out long beats)
            ? new((int)process, lines[1], lines[2], since, beats)
            : null;
    }

    /// <summary>Lines of the same length whatever the beats.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(
        string.Create(
            CultureInfo.InvariantCulture, $"{Process}\n{Host}\n{Space}\n{Since}\n{Beats:D19}\n"));

    /// <summary>Whether its number means a process that this one can see.</summary>
    public bool IsHere() => Host == Machine() && Space == SpaceHere();

    /// <summary>Whether it is certain that the process is no more.</summary>
    public bool IsGone()
    {
        if (!IsHere()) return false;
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(Process);
            return process.HasExited || IsUnburied();
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    /// <summary>Ended, and its parent has not asked how: state Z in proc(5).</summary>
    private bool IsUnburied()
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{Process}/stat");
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart().StartsWith('Z');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Machine() => Environment.MachineName.ReplaceLineEndings("");

    private static string SpaceHere() => new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";

    private static bool TryNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
