using System.Globalization;

namespace QSim.Runner.Cluster;

/// <summary>How tasks that are in no queue ended, where the cluster keeps accounts.</summary>
internal static class SlurmAccounts
{
    /// <summary>Longer than any cluster lets a task wait or work.</summary>
    private const string Since = "now-90days";

    /// <summary>
    /// Slurm's word for the end of each task that did not end well, as in <c>TIMEOUT</c> or
    /// <c>OUT_OF_MEMORY</c>; of its last attempt. Empty where no accounts are kept: the queue and
    /// the run's folder tell then.
    /// </summary>
    public static IReadOnlyDictionary<int, string> Ends(SubmittedRun run)
    {
        try
        {
            return Parse(SchedulerProgram.Find("sacct")?.Run(
                "", "--noheader", "--parsable2", "--allocations", $"--name={run.Plan.Name}",
                $"--starttime={Since}", "--format=JobID,State,ExitCode") ?? "");
        }
        catch (RequestException)
        {
            return new Dictionary<int, string>();
        }
    }

    /// <summary>Lines of job, state and exit code, as in <c>7_12|FAILED|137:0</c>.</summary>
    internal static IReadOnlyDictionary<int, string> Parse(string text)
    {
        var ends = new Dictionary<int, string>();
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            string[] parts = line.Split('|');
            if (parts.Length < 3 || !int.TryParse(
                parts[0][(parts[0].IndexOf('_') + 1)..], NumberStyles.None,
                CultureInfo.InvariantCulture, out int task))
                continue;
            if (parts[1] is "COMPLETED" or "RUNNING" or "PENDING" or "REQUEUED") ends.Remove(task);
            else ends[task] = parts[1] == "FAILED" ? $"FAILED, code {parts[2]}" : parts[1];
        }

        return ends;
    }
}
