using QSim.Runner.Output.Progress;

namespace QSim.Runner.Data.Getting;

/// <summary>A folder on the web with a dataset's compressed files.</summary>
/// <param name="address">Ends in a slash.</param>
/// <param name="client">For the requests.</param>
internal sealed class Mirror(Uri address, HttpClient client) : IOrigin
{
    /// <inheritdoc/>
    public string Name => address.ToString();

    /// <inheritdoc/>
    public async Task Bring(
        DatasetFiles dataset, string folder, IProgressSink progress, CancellationToken cancellation)
    {
        for (int i = 0; i < dataset.Files.Count; i++)
        {
            DatasetFile file = dataset.Files[i];
            string path = Path.Combine(folder, file.Name + ".gz");
            if (File.Exists(path) && file.WhyNot(path) is null) continue;
            var download = new Download(client, new Uri(address, file.Name + ".gz"), path);
            double before = i;
            await download.Run(
                (share, detail) => progress.Report((before + share) / dataset.Files.Count, detail),
                cancellation);
        }
    }
}
