using System.Text;
using System.Text.Json;
using QSim.Runner.Output;
using QSim.Runner.Reports;

namespace QSim.Runner.Cluster;

/// <summary>
/// How a run is shared out among processes that may be on other machines; it lies in the run's
/// folder as <c>submission.json</c> and says what every task has to know beside the study.
/// </summary>
internal sealed record Submission
{
    /// <summary>The file's name.</summary>
    public const string FileName = "submission.json";

    /// <summary>More tasks than any scheduler takes in one array.</summary>
    public const int MostTasks = 100_000;

    /// <summary>The version of the format.</summary>
    public string Schema { get; init; } = "qsim/submission/1";

    /// <summary>Into how many tasks the study is cut: <c>--shard</c> i/n.</summary>
    public required int Tasks { get; init; }

    /// <summary>What schedulers know the run's jobs by.</summary>
    public required string Name { get; init; }

    /// <summary>Folder of datasets; null for the usual.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Folder of trained networks; null for the run's own.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Backend; null for the fastest.</summary>
    public string? Backend { get; init; }

    /// <summary>Gradient engine; null for the study's.</summary>
    public string? Gradients { get; init; }

    /// <summary>Most threads; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>When it was submitted first, UTC.</summary>
    public required DateTimeOffset Submitted { get; init; }

    /// <summary>What a run's folder says; null where nobody submitted it.</summary>
    /// <exception cref="RequestException">It is damaged.</exception>
    public static Submission? Read(string folder)
    {
        if (RunDirectory.Open(folder).Read(FileName) is not { } text) return null;
        try
        {
            var read = SealedJson.Parse<Submission>(Encoding.UTF8.GetBytes(text));
            if (read.Tasks is >= 1 and <= MostTasks && read.Threads >= 0) return read;
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new RequestException(
            $"{Path.Combine(folder, FileName)}: is damaged (delete it and submit the run again; "
                + "the same --array-size keeps what its tasks measured)");
    }
}
