using QSim.Runner.Output;
using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Commands;

/// <summary>How a study is run; none of it changes the results.</summary>
internal sealed record SessionOptions
{
    /// <summary>What was typed.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>Most threads; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>The folder that the user named; null for one by time.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Where networks and images are kept; null for the run's own folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Whether the folder may hold a run, which is then started anew.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Print JSON, not the table.</summary>
    public bool PrintJson { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The part to work on.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>
    /// Whether the folder is of one task of a run: its cells are wanted, and no report.
    /// </summary>
    public bool IsTask { get; init; }

    /// <summary>Whether another session runs this one, and says itself why it ended.</summary>
    public bool IsPart { get; init; }

    /// <summary>Where adversarial images go; null for nowhere.</summary>
    public string? SaveImages { get; init; }

    /// <summary>Whether images that were broken are wanted as pictures too.</summary>
    public bool SavePng { get; init; }

    /// <summary>Stop after this long; null for never.</summary>
    public double? MaxMinutes { get; init; }

    /// <summary>Stops with another token, and after <see cref="MaxMinutes"/>.</summary>
    public CancellationTokenSource Limit(CancellationToken cancellation)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (MaxMinutes is { } minutes) limit.CancelAfter(TimeSpan.FromMinutes(minutes));
        return limit;
    }

    /// <summary>A failure of the disk, with the command that goes on.</summary>
    public IOException Kept(IOException failure, string folder) => new(
        $"{failure.Message}; what was measured is kept, the same command goes on: "
            + ToGoOn(folder), failure);

    /// <summary>The command that goes on with a run.</summary>
    public string ToGoOn(string folder)
    {
        IEnumerable<string> words = CommandLine.Where(w => w != "--overwrite").Prepend("qsim");
        if (OutputFolder is null) words = words.Concat(["--out", folder]);
        return ShellLine.Of(words);
    }
}
