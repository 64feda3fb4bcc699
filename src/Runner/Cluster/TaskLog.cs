using System.Text;
using QSim.Runner.Output;

namespace QSim.Runner.Cluster;

/// <summary>What a task said last, wherever it ran.</summary>
internal static class TaskLog
{
    /// <summary>More than anybody reads.</summary>
    private const int MostRead = 1 << 16;

    /// <summary>The last line of a task's newest log, perhaps empty; null without a log.</summary>
    public static string? LastLine(SubmittedRun run, int task)
    {
        string local = Path.Combine(run.Path, LocalTask.LogFolder);
        string slurm = Path.Combine(run.Path, SlurmScript.Folder);
        string? newest = Files(local, $"{SubmittedRun.NameOf(task)}.log")
            .Concat(Files(slurm, FormattableString.Invariant($"*_{task}.log")))
            .MaxBy(File.GetLastWriteTimeUtc);
        return newest is null ? null : Last(newest);
    }

    private static string[] Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];

    private static string? Last(string path)
    {
        try
        {
            using FileStream? file = OwnFile.OpenRead(path);
            if (file is null) return null;
            file.Seek(Math.Max(0, file.Length - MostRead), SeekOrigin.Begin);
            var bytes = new byte[MostRead];
            int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            string? line = Encoding.UTF8.GetString(bytes, 0, count)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .LastOrDefault();
            return Untrusted.Line(line ?? "");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
