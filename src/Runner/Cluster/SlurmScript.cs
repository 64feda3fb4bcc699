using System.Globalization;
using QSim.Runner.Output;

namespace QSim.Runner.Cluster;

/// <summary>The batch script of a run's tasks, and what its jobs ask of Slurm.</summary>
/// <param name="run">The run.</param>
/// <param name="options">What each task needs.</param>
internal sealed class SlurmScript(SubmittedRun run, JobOptions options)
{
    /// <summary>Folder of the script and of what the jobs say, in the run's folder.</summary>
    public const string Folder = "slurm";

    /// <summary>The file's name.</summary>
    public const string FileName = "tasks.sh";

    /// <summary>How often a task that failed is tried again.</summary>
    private const int MostRestarts = 3;

    private const int MostWarning = 120;

    /// <summary>Seconds before the limit at which a task is told to stop: a quarter of it, up to
    /// two minutes.</summary>
    private int Warning => options.Time is { } limit
        ? Math.Clamp(SecondsOf(limit) / 4, 15, MostWarning)
        : MostWarning;

    /// <summary>What the job that puts the tasks together asks for.</summary>
    public IEnumerable<string> ForFinish =>
        Place().Append($"--job-name={run.Plan.Name}-end")
            .Append($"--output={Escaped(Path.Combine(run.Path, Folder))}/%j.log")
            .Append($"--chdir={Directory.GetCurrentDirectory()}");

    /// <summary>The whole script.</summary>
    public string Text() => $$$"""
        #!/bin/bash
        {{{string.Join('\n', Headers().Select(h => $"#SBATCH {Directive(h)}"))}}}
        # Written by 'qsim submit', which also submits it. Each array task measures its part of the
        # run and goes on where it was: after preemption, a time limit or a failure it is requeued.
        export DOTNET_PROCESSOR_COUNT="${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}"
        tasks={{{ShellLine.Word(Path.Combine(run.Path, SubmittedRun.TaskFolder))}}}
        cells=$tasks/$(printf %04d "$SLURM_ARRAY_TASK_ID")/cells.jsonl
        count() { if [ -f "$cells" ]; then wc -l < "$cells"; else echo 0; fi; }
        before=$(count)
        {{{TaskLine()}}} &
        task=$!
        why=
        trap 'why=time; kill -TERM $task 2>/dev/null' USR1
        trap 'why=stopped; kill -TERM $task 2>/dev/null' TERM INT
        wait $task; code=$?
        while kill -0 $task 2>/dev/null; do wait $task; code=$?; done
        if [ $code -eq 0 ]; then exit 0; fi
        if [ "$why" = stopped ]; then
          echo "stopped by Slurm before it was finished" >&2
          exit $code
        fi
        if [ "$why" = time ] && [ "$(count)" -eq "$before" ]; then
          echo "no cell was measured within the time limit: submit again with a longer --time" >&2
          exit $code
        fi
        if [ "$why" = time ] || [ "${SLURM_RESTART_COUNT:-0}" -lt {{{MostRestarts}}} ]; then
          echo "requeued: ${why:-exit code $code}" >&2
          scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60
        fi
        echo "failed with exit code $code, restarted ${SLURM_RESTART_COUNT:-0} times" >&2
        exit $code

        """;

    private string TaskLine()
    {
        const string Number = "NUMBER";
        IEnumerable<string> words = SelfCommand.Words.Concat(SelfCommand.Task(run.Path, Number));
        return string.Join(
            ' ', words.Select(w => w == Number ? "\"$SLURM_ARRAY_TASK_ID\"" : ShellLine.Word(w)));
    }

    private IEnumerable<string> Headers() =>
    [
        $"--job-name={run.Plan.Name}",
        $"--output={Escaped(Path.Combine(run.Path, Folder))}/%A_%a.log",
        "--open-mode=append",
        $"--chdir={Directory.GetCurrentDirectory()}",
        "--requeue",
        string.Create(CultureInfo.InvariantCulture, $"--signal=B:USR1@{Warning}"),
        .. Place(),
        .. options.Cpus is { } cpus ? [Of("cpus-per-task", cpus)] : Array.Empty<string>(),
        .. options.Gpus is { } gpus ? [Of("gpus", gpus)] : Array.Empty<string>(),
        .. options.Memory is { } memory ? [$"--mem={memory}"] : Array.Empty<string>(),
        .. options.Sbatch,
    ];

    /// <summary>Where jobs run, and for how long.</summary>
    private IEnumerable<string> Place() =>
        from option in new[]
        {
            ("partition", options.Partition), ("qos", options.Qos), ("account", options.Account),
            ("time", options.Time),
        }
        where option.Item2 is not null
        select $"--{option.Item1}={option.Item2}";

    /// <summary>Of minutes, minutes:seconds, hours:minutes:seconds, or days-hours and the rest.
    /// </summary>
    private static int SecondsOf(string limit)
    {
        int[] Numbers(string text) =>
            [.. text.Split(':').Select(n => (int)Math.Min(
                double.Parse(n, CultureInfo.InvariantCulture), 1e6))];
        string[] parts = limit.Split('-');
        int[] last = Numbers(parts[^1]);
        double[] units = parts.Length == 2 ? [3600, 60, 1]
            : last.Length == 3 ? [3600, 60, 1]
            : [60, 1];
        double seconds = last.Zip(units, (n, unit) => n * unit).Sum();
        if (parts.Length == 2) seconds += Numbers(parts[0])[0] * 86400.0;
        return (int)Math.Min(seconds, int.MaxValue);
    }

    private static string Of(string name, int value) =>
        string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");

    /// <summary>A path in which Slurm replaces nothing; a backslash there has no escape.</summary>
    private static string Escaped(string path) => path.AsSpan().IndexOfAny('\\', '\n', '\r') < 0
        ? path.Replace("%", "%%")
        : throw new RequestException(
            $"{path}: Slurm writes no logs into a folder with a backslash or a line break in its "
                + "name (name another --out)");

    /// <summary>As in <c>--constraint=a100</c>, or <c>-C a100</c>: a name, and its value.</summary>
    private static string Directive(string option)
    {
        int space = option.IndexOf(' ');
        return space < 0 || option.AsSpan(0, space).Contains('=')
            ? Quoted(option)
            : $"{option[..space]} {Quoted(option[space..].Trim())}";
    }

    /// <summary>As sbatch reads words: '#' begins a comment, quotes and backslashes work.</summary>
    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+,:=@%".Contains(c))
            ? word
            : $"\"{word.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
