using QSim.Runner.Output;

namespace QSim.Runner.Studies.Cells;

/// <summary>Finds out whether the process that left a lock still lives.</summary>
/// <param name="path">The lock.</param>
/// <param name="times">How long to look.</param>
internal sealed class LockWatch(string path, LockTimes times)
{
    /// <summary>How names of locks that were put aside end.</summary>
    public const string Stale = ".stale";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>A pause may end early, but not so much.</summary>
    private const int MostStretch = 2;

    private byte[]? _dead;

    /// <summary>
    /// Why the folder is not to be had; null where the lock's process is no more. Its clock may
    /// differ from ours, so signs of life are counted, not dated.
    /// </summary>
    public string? WhyHeld(string folder, Action<string>? note)
    {
        byte[]? before = OwnFile.Read(path);
        if (before is null) return null;
        LockHolder? holder = LockHolder.Parse(before);
        string who = holder is null
            ? "another qsim"
            : $"another qsim (process {holder.Process} on {holder.Host})";
        if (holder?.IsHere() != false && IsLocked()) return $"{folder}: {who} works in it";
        if (holder?.IsGone() != true)
        {
            if (holder is not null)
                note?.Invoke(
                    $"{folder}: looking for up to {times.Lease.TotalSeconds:F0} s whether {who} "
                        + "still works in it");
            if (Changes(path, before, holder is null ? times.Grace : times.Lease))
                return $"{folder}: {who} works in it";
        }

        _dead = before;
        return null;
    }

    /// <summary>
    /// Makes the lock anew in place of that of a process that is no more; null where somebody else
    /// was faster. Whoever may take a place is who creates one more file exclusively: of several
    /// who found the same lock dead, the second finds it replaced.
    /// </summary>
    public FileStream? Replace()
    {
        if (_dead is null) return OwnFile.TryCreate(path);
        string guard = $"{path}.next{Stale}";
        byte[] mine = LockHolder.Self().ToBytes();
        using (FileStream? taken = OwnFile.TryCreate(guard))
        {
            if (taken is null)
            {
                Doubt(guard);
                return null;
            }

            taken.Write(mine);
            taken.Flush(flushToDisk: true);
        }

        try
        {
            Remove(path, _dead);
            return OwnFile.TryCreate(path);
        }
        finally
        {
            Remove(guard, mine);
        }
    }

    /// <summary>Who takes a place needs a moment, unless it is no more either.</summary>
    private void Doubt(string guard)
    {
        if (OwnFile.Read(guard) is not { } before) return;
        bool isGone = LockHolder.Parse(before)?.IsGone() == true;
        if (isGone || !Changes(guard, before, times.Lease)) Remove(guard, before);
        else Thread.Sleep(Look);
    }

    /// <summary>
    /// Removes a file that says something and nothing else: it is put aside first, and goes back
    /// to its place should it be another by then.
    /// </summary>
    private static void Remove(string path, byte[] said)
    {
        if (OwnFile.Read(path)?.AsSpan().SequenceEqual(said) != true) return;
        string aside =
            $"{path}.{Environment.MachineName}.{Environment.ProcessId}"
            + $".{Environment.CurrentManagedThreadId}"
            + Stale;
        try
        {
            File.Move(path, aside, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            return;
        }

        if (OwnFile.Read(aside) is { } found && !found.AsSpan().SequenceEqual(said))
        {
            try
            {
                File.Move(aside, path, overwrite: false);
                return;
            }
            catch (IOException)
            {
                // Somebody made one in between; who lost theirs sees it before the next cell.
            }
        }

        File.Delete(aside);
    }

    /// <summary>
    /// Whether a file says something new within a time; one that is gone does, too. Looks are
    /// counted as well, for the clock may stand.
    /// </summary>
    private bool Changes(string file, byte[] before, TimeSpan within)
    {
        long begin = times.Clock.GetTimestamp();
        for (int looks = 0; looks * Look < within * MostStretch; looks++, Thread.Sleep(Look))
        {
            if (times.Clock.GetElapsedTime(begin) >= within) return false;
            if (OwnFile.Read(file) is not { } now) return file != path;
            if (!now.AsSpan().SequenceEqual(before)) return true;
        }

        return false;
    }

    /// <summary>Whether the system knows of a process that has it open.</summary>
    private bool IsLocked()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
