namespace QSim.Runner.Cluster;

/// <summary>What a scheduler is asked to give each task; null where nobody said.</summary>
internal sealed record JobOptions
{
    /// <summary>Most tasks at once.</summary>
    public int? MostRunning { get; init; }

    /// <summary>GPUs of a task.</summary>
    public int? Gpus { get; init; }

    /// <summary>Processors of a task.</summary>
    public int? Cpus { get; init; }

    /// <summary>Memory of a task, as the scheduler writes it.</summary>
    public string? Memory { get; init; }

    /// <summary>Slurm's partition.</summary>
    public string? Partition { get; init; }

    /// <summary>Slurm's time limit.</summary>
    public string? Time { get; init; }

    /// <summary>Slurm's quality of service.</summary>
    public string? Qos { get; init; }

    /// <summary>Slurm's account.</summary>
    public string? Account { get; init; }

    /// <summary>Any other option of sbatch.</summary>
    public IReadOnlyList<string> Sbatch { get; init; } = [];

    /// <summary>Kubernetes: the container image that has qsim.</summary>
    public string? Image { get; init; }

    /// <summary>Kubernetes: the claim of the volume that holds the current folder.</summary>
    public string? Volume { get; init; }

    /// <summary>Kubernetes: where that is in the container; null for its place here.</summary>
    public string? Mount { get; init; }

    /// <summary>Kubernetes: the namespace.</summary>
    public string? Namespace { get; init; }
}
