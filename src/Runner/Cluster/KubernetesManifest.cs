using System.Globalization;
using System.Text.Json;
using QSim.Runner.Studies;

namespace QSim.Runner.Cluster;

/// <summary>
/// Two Jobs in one file for 'kubectl apply': an Indexed one with a pod per task, and one that waits
/// for the tasks and puts the run together.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="options">What each task needs.</param>
internal sealed class KubernetesManifest(SubmittedRun run, JobOptions options)
{
    /// <summary>The file's name, in the run's folder.</summary>
    public const string FileName = "kubernetes.yaml";

    /// <summary>The longest name that a Job may have, so that its pods' fit.</summary>
    private const int LongestName = 52;

    /// <summary>How often the pod of a task that failed is made anew.</summary>
    private const int MostRestarts = 3;

    private readonly string _mount = options.Mount ?? Directory.GetCurrentDirectory();

    /// <summary>The run's folder in a container.</summary>
    /// <exception cref="RequestException">It is not in the volume.</exception>
    public string RunFolder() => Path.Combine(_mount, Below(run.Path)).Replace('\\', '/');

    /// <summary>Whether pods see the run's folder, and what the study reads.</summary>
    /// <exception cref="RequestException">They do not.</exception>
    public void Check()
    {
        if (_mount.Contains(':'))
            throw new RequestException(
                $"{_mount}: Kubernetes mounts nothing at a path with ':' (name another --mount)");
        Below(run.Path);
        StudySettings study = run.Study.Settings;
        string[] read =
        [
            .. study.Profiles.Append(study.Network.Split('#')[0]).Append(study.Dataset)
                .Where(f => File.Exists(f) || Directory.Exists(f)),
            .. new[] { run.Plan.DataFolder, run.Plan.CacheFolder }.OfType<string>(),
        ];
        foreach (string file in read)
        {
            Below(file);
            if (Path.IsPathFullyQualified(file) && _mount != Directory.GetCurrentDirectory())
                throw new RequestException(
                    $"{file}: is not there under --mount {_mount} (name it without the current "
                        + "folder ahead of it)");
        }
    }

    private static string Below(string path)
    {
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return Path.IsPathFullyQualified(relative) || relative is ".."
            || relative.StartsWith("../", StringComparison.Ordinal)
            || relative.StartsWith("..\\", StringComparison.Ordinal)
            ? throw new RequestException(
                $"{path}: is outside the current folder, which is what --volume holds")
            : relative;
    }

    /// <summary>The name of the Job of the tasks.</summary>
    public string Name { get; } = NameOf(run.Plan.Name);

    /// <summary>The document for some tasks.</summary>
    public string Text(IReadOnlyList<int> tasks) => $"""
        # Written by 'qsim submit'. The same command again writes only what is missing; then
        #   kubectl delete --ignore-not-found -f this file; kubectl apply -f this file
        {Tasks(tasks)}---
        {Finish()}
        """;

    private string Tasks(IReadOnlyList<int> tasks) => $"""
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {Name}
        {Namespace()}spec:
          completionMode: Indexed
          completions: {tasks.Count}
          parallelism: {Math.Min(options.MostRunning ?? tasks.Count, tasks.Count)}
          backoffLimitPerIndex: {MostRestarts}
          maxFailedIndexes: {tasks.Count}
          podFailurePolicy:
            rules:
            - action: Ignore        # evicted or preempted: not the task's fault
              onPodConditions:
              - type: DisruptionTarget
            - action: FailIndex     # wrong input, or a defect: no other try would help
              onExitCodes:
                containerName: qsim
                operator: In
                values: [2, 3]
          template:
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 120
        {Container(
            [.. SelfCommand.Task(Escaped(RunFolder()), TaskNumbers.Write(tasks)), "--index",
                "$(JOB_COMPLETION_INDEX)"],
            isTask: true)}
        """;

    private string Finish() => $"""
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {Name}-end
        {Namespace()}spec:
          backoffLimit: {MostRestarts}
          template:
            spec:
              restartPolicy: Never
        {Container([.. SelfCommand.Finish(Escaped(RunFolder())), "--wait"], isTask: false)}
        """;

    private string Container(IEnumerable<string> arguments, bool isTask) => $"""
              containers:
              - name: qsim
                image: {Quoted(options.Image!)}
                command: [qsim]
                args: [{string.Join(", ", arguments.Select(Quoted))}]
                workingDir: {Quoted(_mount)}
        {Resources(isTask)}        volumeMounts:
                - name: work
                  mountPath: {Quoted(_mount)}
              volumes:
              - name: work
                persistentVolumeClaim:
                  claimName: {Quoted(options.Volume!)}

        """;

    /// <summary>What a pod is given; waiting needs next to nothing, a report little.</summary>
    private string Resources(bool isTask)
    {
        (string Name, string? Value)[] wanted =
        [
            ("cpu", isTask ? Number(options.Cpus) : "1"),
            ("memory", options.Memory),
            ("nvidia.com/gpu", isTask ? Number(options.Gpus) : null),
        ];
        string lines = string.Concat(
            wanted.Where(w => w.Value is not null)
                .Select(w => $"            {w.Name}: {Quoted(w.Value!)}\n"));
        return lines.Length == 0
            ? ""
            : $"        resources:\n          requests:\n{lines}          limits:\n{lines}";
    }

    private string Namespace() =>
        options.Namespace is { } name ? $"  namespace: {Quoted(name)}\n" : "";

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    /// <summary>In arguments a dollar may begin the name of a variable; two are one.</summary>
    private static string Escaped(string path) => path.Replace("$", "$$");

    /// <summary>YAML takes JSON's quoted words.</summary>
    private static string Quoted(string word) => JsonSerializer.Serialize(word);

    /// <summary>Lower case, digits and hyphens, as names of Jobs are.</summary>
    private static string NameOf(string name)
    {
        string plain = string.Concat(name.ToLowerInvariant().Select(
            c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        return plain.Length <= LongestName
            ? plain
            : plain[..(LongestName - 9)] + plain[^9..];
    }
}
