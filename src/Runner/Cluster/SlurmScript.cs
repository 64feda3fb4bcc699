using System.Globalization;

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

    /// <summary>Seconds before the limit at which a task is told to stop.</summary>
    private const int Warning = 120;

    /// <summary>What the job that puts the tasks together asks for.</summary>
    public IEnumerable<string> ForFinish =>
        Place().Append($"--job-name={run.Plan.Name}-end")
            .Append($"--output={Escaped(Path.Combine(run.Path, Folder))}/%j.log")
            .Append($"--chdir={Directory.GetCurrentDirectory()}");

    /// <summary>The whole script.</summary>
    public string Text() => $$$"""
        #!/bin/bash
        {{{string.Join('\n', Headers().Select(h => $"#SBATCH {Quoted(h)}"))}}}
        # Written by 'qsim submit', which also submits it. Each array task measures its part of the
        # run and goes on where it was: after preemption, a time limit or a failure it is requeued.
        export DOTNET_PROCESSOR_COUNT="${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}"
        tasks={{{Word(Path.Combine(run.Path, SubmittedRun.TaskFolder))}}}
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
        if [ $code -eq 0 ] || [ "$why" = stopped ]; then exit $code; fi
        if [ "$why" = time ] && [ "$(count)" -eq "$before" ]; then
          echo "no cell was measured within the time limit: submit again with a longer --time" >&2
          exit $code
        fi
        if [ "$why" = time ] || [ "${SLURM_RESTART_COUNT:-0}" -lt {{{MostRestarts}}} ]; then
          echo "requeued: ${why:-exit code $code}" >&2
          scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60
        fi
        exit $code

        """;

    /// <summary>Words as a shell's command line.</summary>
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Word));

    private string TaskLine()
    {
        const string Number = "NUMBER";
        IEnumerable<string> words = SelfCommand.Words.Concat(SelfCommand.Task(run.Path, Number));
        return string.Join(
            ' ', words.Select(w => w == Number ? "\"$SLURM_ARRAY_TASK_ID\"" : Word(w)));
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

    private static string Of(string name, int value) =>
        string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");

    /// <summary>A path in which Slurm replaces nothing.</summary>
    private static string Escaped(string path) => path.Replace("%", "%%");

    private static string Quoted(string option) => option.Contains(' ') ? $"\"{option}\"" : option;

    /// <summary>A word of a shell's command line.</summary>
    private static string Word(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+,:=@%".Contains(c)) && word.Length > 0
            ? word
            : $"'{word.Replace("'", "'\\''")}'";
}
