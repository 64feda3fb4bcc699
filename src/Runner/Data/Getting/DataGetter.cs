using QSim.Runner.Output;
using QSim.Runner.Output.Progress;

namespace QSim.Runner.Data.Getting;

/// <summary>
/// Gets a dataset from the first place that has it. Files come into <c>FOLDER/.incoming</c>, are
/// checked against their published SHA-256, and only then get their place: a folder never holds
/// half a file, or a wrong one.
/// </summary>
/// <param name="origins">Where to look, in order.</param>
/// <param name="progress">Told how it gets on.</param>
internal sealed class DataGetter(IReadOnlyList<IOrigin> origins, IProgressSink progress)
{
    private const string Incoming = ".incoming";

    /// <summary>Brings a dataset's files into a folder; returns where they came from.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="folder">Where its files go; created.</param>
    /// <param name="cancellation">Stops it; half a download stays for the next time.</param>
    /// <exception cref="RequestException">
    /// Nobody has it: each place's reason, and what to do.
    /// </exception>
    public async Task<string> Get(
        DatasetFiles dataset, string folder, CancellationToken cancellation)
    {
        string incoming = Path.Combine(folder, Incoming);
        IReadOnlyList<string> made = NewFolder.Create(incoming);
        try
        {
            return await Get(dataset, folder, incoming, cancellation);
        }
        finally
        {
            // Whatever ended it, half a download stays, and no empty folder does.
            foreach (string empty in made.Append(incoming)) NewFolder.RemoveIfEmpty(empty);
        }
    }

    private async Task<string> Get(
        DatasetFiles dataset, string folder, string incoming, CancellationToken cancellation)
    {
        var reasons = new List<string>();
        foreach (IOrigin origin in origins)
        {
            progress.Begin($"get {dataset.Name} from {origin.Name}");
            try
            {
                await origin.Bring(dataset, incoming, progress, cancellation);
                if (Refuse(dataset, incoming) is { } wrong) throw new OriginException(wrong);
                Accept(dataset, incoming, folder);
                return origin.Name;
            }
            catch (OriginException e)
            {
                reasons.Add($"{origin.Name}: {e.Message}");
                progress.Report(1, e.Message);
            }
        }

        throw new RequestException(
            $"{dataset.Name} could not be downloaded or copied ({string.Join("; ", reasons)}); "
                + $"by hand: put {string.Join(", ", dataset.Files.Select(f => f.Name + ".gz"))} "
                + $"into {folder}, or name a folder that has them with --from");
    }

    /// <summary>Deletes what is not as published; says what that was.</summary>
    private static string? Refuse(DatasetFiles dataset, string incoming)
    {
        string? reason = null;
        foreach (DatasetFile file in dataset.Files)
        {
            if (file.In(incoming) is not { } path) reason ??= $"it lacks {file.Name}";
            else if (file.WhyNot(path) is { } wrong)
            {
                reason ??= $"{Path.GetFileName(path)} is another file: {wrong}";
                File.Delete(path);
            }
        }

        return reason;
    }

    private static void Accept(DatasetFiles dataset, string incoming, string folder)
    {
        foreach (DatasetFile file in dataset.Files)
        {
            foreach (string old in file.FileNames.Select(n => Path.Combine(folder, n)))
                File.Delete(old);
            string path = file.In(incoming)!;
            File.Move(path, Path.Combine(folder, Path.GetFileName(path)));
        }

        Directory.Delete(incoming, recursive: true);
    }
}
