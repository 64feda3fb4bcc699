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
        if (IsLocked()) return $"{folder}: {who} works in it";
        if (holder?.IsGone() != true)
        {
            if (holder is not null)
                note?.Invoke(
                    $"{folder}: looking for up to {times.Lease.TotalSeconds:F0} s whether {who} "
                        + "still works in it");
            if (Changes(before, holder is null ? times.Grace : times.Lease))
                return $"{folder}: {who} works in it";
        }

        _dead = before;
        return null;
    }

    /// <summary>
    /// Removes the lock of a process that is no more. Of several who try, one gets it; and should
    /// it be a new one by now, it goes back to its place.
    /// </summary>
    public void Remove()
    {
        if (_dead is null) return;
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

        if (OwnFile.Read(aside) is { } found && !found.AsSpan().SequenceEqual(_dead))
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
    /// Whether the lock says something new within a time; one that is gone says nothing. Looks are
    /// counted as well, for the clock may stand.
    /// </summary>
    private bool Changes(byte[] before, TimeSpan within)
    {
        long begin = times.Clock.GetTimestamp();
        for (int looks = 0; looks * Look < within * MostStretch; looks++, Thread.Sleep(Look))
        {
            if (times.Clock.GetElapsedTime(begin) >= within) return false;
            if (OwnFile.Read(path) is not { } now) return false;
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
