using System.CommandLine;
using System.Text.RegularExpressions;
using QSim.Runner.Cluster;

namespace QSim.Runner.Commands;

/// <summary>The options of <c>qsim submit</c> that schedulers are asked for.</summary>
internal sealed partial class JobOptionList
{
    private const int MostGpus = 64, MostCpus = 4096;
    private const string SlurmTime = @"^(\d+-\d+(:\d\d){0,2}|\d+(:\d\d){0,2})\z";
    private const string Plain = @"^[A-Za-z0-9][A-Za-z0-9_.,:@+/-]*\z";

    /// <summary>What names of Kubernetes are made of (DNS labels of RFC 1123).</summary>
    private const string Label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    private const string Labels = "lower-case letters, digits, '-' between them";

    private readonly Option<int?> _running = Number(
        "--max-running", "k", "Most tasks at once (default: as many as the scheduler lets).");

    private readonly Option<int?> _gpus = Number("--gpus", "n", "GPUs of a task.");
    private readonly Option<int?> _cpus = Number("--cpus", "n", "Processors of a task.");
    private readonly Option<string?> _memory = Text(
        "--memory", "size", "Memory of a task, as the scheduler writes it: 8G, or 8Gi.");

    private readonly Option<string?> _partition = Text(
        "--partition", "name", "Slurm: the partition.");

    private readonly Option<string?> _time = Text(
        "--time", "limit",
        "Slurm: time limit of a task, as in 2:00:00; what is not finished by then is requeued.");

    private readonly Option<string?> _qos = Text("--qos", "name", "Slurm: quality of service.");
    private readonly Option<string?> _account = Text("--account", "name", "Slurm: the account.");

    private readonly Option<string[]> _sbatch = new("--sbatch")
    {
        Description = "Slurm: any other option of sbatch, as in --sbatch=--constraint=a100.",
        HelpName = "option",
    };

    private readonly Option<string?> _image = Text(
        "--image", "name", "Kubernetes: the container image that has qsim.");

    private readonly Option<string?> _volume = Text(
        "--volume", "claim",
        "Kubernetes: claim of the volume that holds the current folder, for many pods to write.");

    private readonly Option<string?> _mount = Text(
        "--mount", "path", "Kubernetes: where that is in the container (default: same as here).");

    private readonly Option<string?> _namespace = Text(
        "--namespace", "name", "Kubernetes: the namespace.");

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IEnumerable<Option> All =>
        [.. OfAny, .. OfSlurm, .. OfKubernetes];

    private Option[] OfAny => [_running, _gpus, _cpus, _memory];

    private Option[] OfSlurm => [_partition, _time, _qos, _account, _sbatch];

    private Option[] OfKubernetes => [_image, _volume, _mount, _namespace];

    /// <summary>What was typed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="where">The launcher's option: others' options are mistakes.</param>
    /// <exception cref="RequestException">A value is impossible.</exception>
    public JobOptions Read(ParseResult parsed, string where)
    {
        if (where == "--local") Refuse(parsed, OfAny, "--slurm or --kubernetes");
        if (where != "--slurm") Refuse(parsed, OfSlurm, "--slurm");
        if (where != "--kubernetes") Refuse(parsed, OfKubernetes, "--kubernetes");
        string[] sbatch = parsed.GetValue(_sbatch) ?? [];
        foreach (string option in sbatch) CheckSbatch(option);
        return new()
        {
            MostRunning = Within(parsed, _running, Submission.MostTasks),
            Gpus = Within(parsed, _gpus, MostGpus),
            Cpus = Within(parsed, _cpus, MostCpus),
            Memory = where == "--kubernetes"
                ? Word(parsed, _memory, @"^\d+(k|[MGTP]|[KMGTP]i)\z", "a size as in 8Gi or 500M")
                : Word(parsed, _memory, @"^\d+[KMGT]?\z", "a size as in 8G"),
            Partition = Word(parsed, _partition, Plain, "a name"),
            Time = Word(parsed, _time, SlurmTime, "2:00:00 or 1-12:00:00"),
            Qos = Word(parsed, _qos, Plain, "a name"),
            Account = Word(parsed, _account, Plain, "a name"),
            Sbatch = sbatch,
            Image = Word(parsed, _image, Plain, "a name as in registry/qsim:1.0"),
            Volume = Word(parsed, _volume, $@"^{Label}(\.{Label})*\z", Labels),
            Mount = Word(parsed, _mount, @"^/[^:\x00-\x1f]*\z", "an absolute path without ':'"),
            Namespace = Word(parsed, _namespace, $@"^{Label}\z", Labels),
        };
    }

    private static void CheckSbatch(string option)
    {
        if (!SbatchText().IsMatch(option))
            throw new RequestException(
                $"--sbatch '{option}' (supported: an option with its value, as in "
                    + "--sbatch=--constraint=a100)");
        if (OwnOfSbatch().IsMatch(option))
            throw new RequestException(
                $"--sbatch={option}: QSim sets that itself, to find its jobs and logs again");
    }

    private static void Refuse(ParseResult parsed, IEnumerable<Option> options, string owner)
    {
        foreach (Option option in options)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new RequestException($"{option.Name} is for {owner}");
    }

    private static int? Within(ParseResult parsed, Option<int?> option, int most) =>
        parsed.GetValue(option) is not { } value ? null
        : value >= 1 && value <= most ? value
        : throw new RequestException($"{option.Name} {value} (supported: 1..{most})");

    private static string? Word(
        ParseResult parsed, Option<string?> option, string pattern, string supported) =>
        parsed.GetValue(option) is not { } value ? null
        : Regex.IsMatch(value, pattern) ? value
        : throw new RequestException($"{option.Name} '{value}' (supported: {supported})");

    private static Option<int?> Number(string name, string help, string description) => new(name)
    {
        Description = description,
        HelpName = help,
    };

    private static Option<string?> Text(string name, string help, string description) => new(name)
    {
        Description = description,
        HelpName = help,
    };

    [GeneratedRegex("""^--?[A-Za-z][^\x00-\x1f"\\]*\z""")]
    private static partial Regex SbatchText();

    /// <summary>Also a short option with its value behind it, as in <c>-a1-4</c>.</summary>
    [GeneratedRegex(
        "^(-[aDJo]|--(array|chdir|job-name|output|parsable|test-only|wrap)($|[= ]))")]
    private static partial Regex OwnOfSbatch();
}
