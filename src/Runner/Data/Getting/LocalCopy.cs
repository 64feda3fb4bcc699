using QSim.Runner.Output.Progress;

namespace QSim.Runner.Data.Getting;

/// <summary>Files that are on this machine already.</summary>
/// <param name="folders">Where to look, in order.</param>
internal sealed class LocalCopy(IReadOnlyList<string> folders) : IOrigin
{
    /// <inheritdoc/>
    public string Name => "a copy on this machine";

    /// <summary>Folders where other software keeps a dataset.</summary>
    public static IReadOnlyList<string> Known(DatasetFiles dataset) =>
    [
        Path.Combine("/usr/share/datasets", dataset.Name),
        .. dataset.Name == "mnist" ? ["data/MNIST/raw"] : new[] { "data/FashionMNIST/raw" },
    ];

    /// <summary>
    /// A folder that the user names, and those below it that people usually make.
    /// </summary>
    public static IReadOnlyList<string> Below(string folder, DatasetFiles dataset) =>
        [
            folder,
            Path.Combine(folder, dataset.Name),
            .. Known(dataset).Skip(1).Select(k => Path.Combine(folder, k["data/".Length..])),
        ];

    /// <inheritdoc/>
    public Task Bring(
        DatasetFiles dataset, string folder, IProgressSink progress, CancellationToken cancellation)
    {
        string place =
            folders.FirstOrDefault(f => dataset.In(f) is not null)
            ?? throw new OriginException(
                $"not all of {dataset.Files[0].Name}[.gz], ... in {string.Join(", ", folders)}");
        foreach (string path in dataset.In(place)!)
        {
            progress.Report(0, $"copy {path}");
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
        }

        return Task.CompletedTask;
    }
}
