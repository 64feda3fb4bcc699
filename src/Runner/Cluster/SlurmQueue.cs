using System.Globalization;

namespace QSim.Runner.Cluster;

/// <summary>A job of a run, as Slurm tells it.</summary>
/// <param name="Number">What Slurm calls it; tasks that were submitted together share it.</param>
/// <param name="Task">The task; null for the job that puts them together.</param>
/// <param name="State">Slurm's word.</param>
/// <param name="Reason">Why it waits, in Slurm's words.</param>
internal sealed record SlurmJob(string Number, int? Task, string State, string Reason)
{
    /// <summary>Whether it works.</summary>
    public bool IsRunning => State is "RUNNING" or "CONFIGURING" or "SUSPENDED";

    /// <summary>Whether it waits.</summary>
    public bool IsWaiting => State is "PENDING" or "REQUEUED" or "REQUEUE_HOLD" or "REQUEUE_FED";
}

/// <summary>Asks Slurm which jobs of a run there are.</summary>
internal static class SlurmQueue
{
    /// <summary>Jobs that wait or work; those on their way out are none.</summary>
    /// <exception cref="RequestException">Slurm does not answer.</exception>
    public static IReadOnlyList<SlurmJob> Of(SubmittedRun run)
    {
        SchedulerProgram squeue = SchedulerProgram.Find("squeue")
            ?? throw new RequestException(
                "squeue is not on PATH: Slurm's commands are needed here");
        string text = squeue.Run(
            "", "--noheader", "--array", $"--name={run.Plan.Name},{run.Plan.Name}-end",
            "--format=%F|%K|%T|%r");
        return [.. Parse(text).Where(j => j.IsRunning || j.IsWaiting)];
    }

    /// <summary>Lines of number, index, state and reason.</summary>
    internal static IEnumerable<SlurmJob> Parse(string text)
    {
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('|');
            if (parts.Length < 4) continue;
            bool isTask = int.TryParse(
                parts[1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int task);
            yield return new(
                parts[0].Trim(), isTask ? task : null, parts[2].Trim(), parts[3].Trim());
        }
    }
}
