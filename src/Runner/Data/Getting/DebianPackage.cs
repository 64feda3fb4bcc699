using QSim.Runner.Output.Progress;

namespace QSim.Runner.Data.Getting;

/// <summary>
/// The Debian package that carries a dataset, got by apt-get and unpacked, not installed: nobody
/// has to be root.
/// </summary>
internal sealed class DebianPackage : IOrigin
{
    /// <inheritdoc/>
    public string Name => "Debian";

    /// <inheritdoc/>
    public async Task Bring(
        DatasetFiles dataset, string folder, IProgressSink progress, CancellationToken cancellation)
    {
        string package =
            dataset.DebianPackage
            ?? throw new OriginException("it has no package with these files");
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("qsim-apt-");
        try
        {
            progress.Report(0, $"apt-get download {package}");
            await Client.Run(temporary.FullName, cancellation, "apt-get", "download", package);
            FileInfo archive = temporary.GetFiles("*.deb").FirstOrDefault()
                ?? throw new OriginException("'apt-get download' left no package behind");
            await Client.Run(
                temporary.FullName, cancellation, "dpkg-deb", "--extract", archive.FullName,
                "content");
            foreach (string path in Directory.GetFiles(
                Path.Combine(temporary.FullName, "content"), "*", SearchOption.AllDirectories))
            {
                string name = Path.GetFileName(path);
                if (dataset.Files.Any(f => f.FileNames.Contains(name)))
                    File.Copy(path, Path.Combine(folder, name), overwrite: true);
            }
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }
}
