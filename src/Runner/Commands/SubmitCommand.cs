using System.CommandLine;
using QSim.Runner.Cluster;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary><c>qsim submit</c>: a study shared out among many processes.</summary>
internal static class SubmitCommand
{
    private const string ExampleText = """
          qsim submit study.yaml --local 4                  four processes here, then the report
          qsim submit study.yaml --slurm --time 2:00:00     an array job of Slurm, then the report
          qsim submit study.yaml --slurm --gpus 1 --partition gpu --max-running 20 --dry-run
          qsim submit study.yaml --kubernetes --image me/qsim:1.0 --volume work
          qsim status runs/study                            how far it is

        The same command again submits only what is missing. Results are the bytes of 'qsim run'.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var file = new Argument<string>("study") { Description = "A study file (YAML)." };
        var options = new Typed();
        var command = new Command(
            "submit", "Share a study out: processes here, Slurm, or Kubernetes; then its report.")
        {
            file,
        };
        foreach (Option option in options.All) command.Add(option);
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            string where = options.Where(parsed);
            JobOptions jobs = options.Jobs.Read(parsed, where);
            SubmitOptions how = options.Read(parsed);
            StudyFile written = StudyFile.Read(parsed.GetRequiredValue(file));
            StudyInputs inputs = StudyInputs.ReadFile(
                written, DataFolders.Resolve(how.Plan.DataFolder),
                how.Plan.Backend, how.Plan.Gradients);
            var session = new SubmitSession(screen, inputs, how);
            string[] typed = [.. parsed.Tokens.Select(t => t.Value)];
            ILauncher launcher = where switch
            {
                "--local" => new LocalLauncher(
                    screen, options.AtOnce(parsed),
                    (run, stop) => new RunFinish(screen, run, typed).Run(
                        () => inputs, stop)),
                "--slurm" => new SlurmLauncher(screen, jobs),
                _ => new KubernetesLauncher(screen, jobs),
            };
            return session.Run(launcher, cancellation);
        });
        return command;
    }

    /// <summary>The options.</summary>
    private sealed class Typed
    {
        private const int MostAtOnce = 1024;

        private readonly Option<int?> _local = new("--local")
        {
            Description = "Work here, in k processes at a time.",
            HelpName = "k",
        };

        private readonly Option<bool> _slurm = Flag(
            "--slurm", "Submit an array job, and a job after it that makes the report.");

        private readonly Option<bool> _kubernetes = Flag(
            "--kubernetes", "Write a manifest for 'kubectl apply' into the run's folder.");

        private readonly Option<int?> _tasks = new("--array-size")
        {
            Description = "Number of tasks (default: as many as take 5 minutes each, by a trial).",
            HelpName = "n",
        };

        private readonly Option<string?> _output = new("--out")
        {
            Description = "The run's folder, which all machines see (default: runs/ and the "
                + "study's name).",
            HelpName = "folder",
        };

        private readonly Option<bool> _dry = Flag(
            "--dry-run", "Print what would be submitted, and do nothing.");

        private readonly Option<bool> _quiet = CommonOptions.Quiet();

        private readonly Option<string?> _cache = new("--cache")
        {
            Description = "Folder of trained networks and shared images, for several runs "
                + "(default: in the run's own).",
            HelpName = "folder",
        };

        private readonly Option<string?> _backend = CommonOptions.Backend();
        private readonly Option<string?> _gradients = CommonOptions.Gradients();
        private readonly Option<int> _threads = CommonOptions.Threads();
        private readonly Option<string?> _data = CommonOptions.DataFolder();

        public JobOptionList Jobs { get; } = new();

        public IEnumerable<Option> All =>
        [
            _local, _slurm, _kubernetes, _tasks, _output, _dry, .. Jobs.All, _backend, _gradients,
            _threads, _data, _cache, _quiet,
        ];

        public int AtOnce(ParseResult parsed) => parsed.GetValue(_local)!.Value;

        /// <summary>The one launcher that was chosen.</summary>
        public string Where(ParseResult parsed)
        {
            string[] chosen =
            [
                .. new (Option Option, bool IsChosen)[]
                {
                    (_local, parsed.GetValue(_local) is not null),
                    (_slurm, parsed.GetValue(_slurm)),
                    (_kubernetes, parsed.GetValue(_kubernetes)),
                }.Where(o => o.IsChosen).Select(o => o.Option.Name),
            ];
            if (chosen.Length != 1)
                throw new RequestException("one of --local, --slurm and --kubernetes is needed");
            if (parsed.GetValue(_local) is { } most and (< 1 or > MostAtOnce))
                throw new RequestException($"--local {most} (supported: 1..{MostAtOnce})");
            return chosen[0];
        }

        public SubmitOptions Read(ParseResult parsed)
        {
            if (parsed.GetValue(_tasks) is { } tasks and (< 1 or > Submission.MostTasks))
                throw new RequestException(
                    $"--array-size {tasks} (supported: 1..{Submission.MostTasks})");
            if (parsed.GetValue(_cache) is { } cache) NewFolder.Check(cache, "--cache");
            return new()
            {
                OutputFolder = parsed.GetValue(_output),
                Tasks = parsed.GetValue(_tasks),
                IsDryRun = parsed.GetValue(_dry),
                Plan = new()
                {
                    Tasks = 1,
                    Name = "",
                    Submitted = DateTimeOffset.UtcNow,
                    DataFolder = parsed.GetValue(_data),
                    CacheFolder = parsed.GetValue(_cache),
                    Backend = parsed.GetValue(_backend),
                    Gradients = parsed.GetValue(_gradients),
                    Threads = CommonOptions.Checked(parsed.GetValue(_threads)),
                },
            };
        }

        private static Option<bool> Flag(string name, string description) =>
            new(name) { Description = description };
    }
}
