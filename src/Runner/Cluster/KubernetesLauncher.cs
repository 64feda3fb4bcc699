using System.Text;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;

namespace QSim.Runner.Cluster;

/// <summary>
/// Writes the manifest of what is missing; whoever may use the cluster applies it. QSim itself
/// speaks to no cluster, and needs no kubectl.
/// </summary>
/// <param name="screen">Where somebody looks.</param>
/// <param name="options">What each task needs.</param>
internal sealed class KubernetesLauncher(Screen screen, JobOptions options) : ILauncher
{
    /// <inheritdoc/>
    public int AtLeast => 1;

    /// <inheritdoc/>
    public void Check(SubmittedRun run)
    {
        if (options.Image is null)
            throw new RequestException("--kubernetes needs --image, a container image with qsim");
        if (options.Volume is null)
            throw new RequestException(
                "--kubernetes needs --volume, the claim of the volume that holds the current "
                    + "folder");
        new KubernetesManifest(run, options).Check();
    }

    /// <inheritdoc/>
    public string Describe(SubmittedRun run, IReadOnlyList<int> tasks) =>
        new KubernetesManifest(run, options).Text(tasks);

    /// <inheritdoc/>
    public IReadOnlySet<int> Active(SubmittedRun run) => new HashSet<int>();

    /// <inheritdoc/>
    public ExitCode Launch(
        SubmittedRun run, IReadOnlyList<int> tasks, CancellationToken cancellation)
    {
        if (tasks.Count == 0)
        {
            screen.Note(
                "no task lacks cells; what makes the report: "
                    + ShellLine.Of("qsim", "work", run.Path, "--finish"));
            return ExitCode.Done;
        }

        string file = Path.Combine(run.Path, KubernetesManifest.FileName);
        var manifest = new KubernetesManifest(run, options);
        WholeFile.Replace(file, Encoding.UTF8.GetBytes(manifest.Text(tasks)));
        screen.Line(ShellLine.Of("kubectl", "apply", "-f", file));
        screen.Note(
            $"The Job {manifest.Name} does tasks {TaskNumbers.Write(tasks)}; {manifest.Name}-end "
                + "waits for them and makes the report; how far they are: "
                + ShellLine.Of("qsim", "status", run.Path));
        return ExitCode.Done;
    }
}
