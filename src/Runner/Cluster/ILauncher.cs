using QSim.Runner.CommandLine;

namespace QSim.Runner.Cluster;

/// <summary>
/// Has tasks of a run done and then put together: all that differs between one machine, Slurm and
/// Kubernetes. What a task does, and how a run is finished, is the same everywhere.
/// </summary>
internal interface ILauncher
{
    /// <summary>How many tasks are worth having, whatever they take.</summary>
    int AtLeast { get; }

    /// <summary>What is wrong with the request, before anything is written.</summary>
    /// <exception cref="RequestException">It cannot be.</exception>
    void Check(SubmittedRun run);

    /// <summary>What would be done, as text; nothing is.</summary>
    string Describe(SubmittedRun run, IReadOnlyList<int> tasks);

    /// <summary>Tasks that wait or are at work already.</summary>
    IReadOnlySet<int> Active(SubmittedRun run);

    /// <summary>Has the tasks done, and then the run finished.</summary>
    /// <param name="run">The run.</param>
    /// <param name="tasks">Those that lack cells and are not active; perhaps none.</param>
    /// <param name="cancellation">Stops what works here.</param>
    /// <exception cref="NotSubmittedException">None of them is taken.</exception>
    ExitCode Launch(
        SubmittedRun run, IReadOnlyList<int> tasks, CancellationToken cancellation);
}
