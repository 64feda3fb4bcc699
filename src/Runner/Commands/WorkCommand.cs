using System.CommandLine;
using QSim.Runner.Cluster;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary><c>qsim work</c>: what jobs of 'qsim submit' run.</summary>
internal static class WorkCommand
{
    private const string ExampleText = """
          qsim work runs/mine --task 3            measure what task 3 lacks
          qsim work runs/mine --finish            put together what the tasks measured so far
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var folder = new Argument<string>("run")
        {
            Description = "The folder of a run that 'qsim submit' began.",
        };
        var options = new Typed();
        var command = new Command(
            "work", "Do one task of a submitted run, or put its tasks together: what jobs call.")
        {
            folder,
        };
        foreach (Option option in options.All) command.Add(option);
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            SubmittedRun run = SubmittedRun.Read(parsed.GetRequiredValue(folder));
            int? task = options.ReadTask(parsed, run);
            return Run(screen, run, task, options.Read(parsed), cancellation);
        });
        return command;
    }

    /// <summary>Everything that a submitted run reads.</summary>
    public static StudyInputs InputsOf(SubmittedRun run)
    {
        StudyFile file = StudyFile.Read(Path.Combine(run.Path, Reports.RunDirectory.StudyFile));
        return StudyInputs.ReadFile(
            file, DataFolders.Resolve(run.Plan.DataFolder), run.Plan.Backend,
            run.Plan.Gradients);
    }

    private static ExitCode Run(
        Screen screen, SubmittedRun run, int? task, How how, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (how.StopsWithInput) StopWithInput(stop);
        return task is { } number
            ? Measure(screen, run, number, how, stop.Token)
            : Finish(screen, run, how, stop.Token);
    }

    private static ExitCode Measure(
        Screen screen, SubmittedRun run, int task, How how, CancellationToken cancellation)
    {
        if (run.CellsOf(task).IsDone)
        {
            screen.Note($"{run.Path}: task {task} lacks nothing");
            return ExitCode.Done;
        }

        var session = new StudySession(screen, InputsOf(run), new SessionOptions
        {
            CommandLine = how.CommandLine,
            Threads = run.Plan.Threads,
            OutputFolder = run.FolderOf(task),
            CacheFolder = run.Cache,
            Shard = new Shard(task, run.Plan.Tasks),
            IsTask = true,
        });
        return session.Run(cancellation);
    }

    private static ExitCode Finish(
        Screen screen, SubmittedRun run, How how, CancellationToken cancellation)
    {
        TimeSpan look = TimeSpan.FromSeconds(5);
        while (how.Waits && run.Tasks().Any(t => !t.IsDone))
        {
            cancellation.WaitHandle.WaitOne(look);
            cancellation.ThrowIfCancellationRequested();
        }

        return new RunFinish(screen, run, how.CommandLine).Run(
            () => InputsOf(run), cancellation);
    }

    /// <summary>Standard input is a pipe from whoever wants this to end with it.</summary>
    private static void StopWithInput(CancellationTokenSource stop) =>
        new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            Span<byte> some = stackalloc byte[1];
            try
            {
                while (input.Read(some) > 0)
                {
                    // Nothing is expected.
                }
            }
            catch (IOException)
            {
                // What cannot be read has ended: a folder, or a terminal that is gone.
            }

            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The work was done before.
            }
        })
        {
            IsBackground = true,
            Name = "standard input",
        }.Start();

    /// <summary>How it is done.</summary>
    private sealed record How(
        bool Waits, bool StopsWithInput, IReadOnlyList<string> CommandLine);

    /// <summary>The options.</summary>
    private sealed class Typed
    {
        private readonly Option<string?> _task = new("--task")
        {
            Description = "The task, from 1; or several as in 1-3,7, of which --index chooses.",
            HelpName = "n",
        };

        private readonly Option<int?> _index = new("--index")
        {
            Description = "Which of the tasks of --task, from 0.",
            HelpName = "i",
        };

        private readonly Option<bool> _finish = new("--finish")
        {
            Description = "Put together what the tasks measured: results and report of the run; "
                + "exit code 1 where cells are missing.",
        };

        private readonly Option<bool> _wait = new("--wait")
        {
            Description = "With --finish: first wait until no task lacks cells.",
        };

        private readonly Option<bool> _stop = new("--stop-with-stdin")
        {
            Description = "Stop when standard input ends, for programs that start tasks.",
        };

        private readonly Option<bool> _quiet = CommonOptions.Quiet();

        public IEnumerable<Option> All => [_task, _index, _finish, _wait, _stop, _quiet];

        public How Read(ParseResult parsed) => new(
            parsed.GetValue(_wait), parsed.GetValue(_stop),
            [.. parsed.Tokens.Select(t => t.Value)]);

        /// <summary>The task; null to finish the run.</summary>
        public int? ReadTask(ParseResult parsed, SubmittedRun run)
        {
            string? text = parsed.GetValue(_task);
            bool finishes = parsed.GetValue(_finish);
            if (text is null == !finishes)
                throw new RequestException("one of --task and --finish is needed");
            if (parsed.GetValue(_wait) && !finishes)
                throw new RequestException("--wait needs --finish");
            if (text is null) return null;
            IReadOnlyList<int> tasks = TaskNumbers.Read(text, run.Plan.Tasks);
            int index = parsed.GetValue(_index) ?? 0;
            bool isClear = parsed.GetValue(_index) is not null || tasks.Count == 1;
            return isClear && index >= 0 && index < tasks.Count
                ? tasks[index]
                : throw new RequestException(
                    $"--task {text} needs --index (supported: 0..{tasks.Count - 1})");
        }
    }
}
