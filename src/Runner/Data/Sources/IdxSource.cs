
namespace QSim.Runner.Data.Sources;

/// <summary>
/// A dataset in MNIST's four files, found in a folder of its own under a data folder.
/// </summary>
/// <param name="name">What users call it.</param>
/// <param name="description">One line.</param>
/// <param name="subfolders">Where under a data folder to look, in order.</param>
internal sealed class IdxSource(string name, string description, string[] subfolders)
    : IDatasetSource
{
    private const int White = 255;
    private const int Classes = 10;

    private static readonly string[] Files =
    [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ];

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public string HowToGet =>
        $"qsim data get {name}, or put its four files ({Files[0]}.gz, ...) into "
            + $"{Path.Combine("data", name)}";

    /// <inheritdoc/>
    public string? Locate(DataFolders folders) =>
        folders.Candidates(subfolders).FirstOrDefault(f => FindFile(f, Files[0]) is not null);

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        string folder =
            Locate(folders)
            ?? throw new RequestException(
                $"{name}: not found in {string.Join(", ", folders.Candidates(subfolders))}; "
                    + $"{HowToGet}");
        IdxFile[] files = [.. Files.Select((file, i) => Read(folder, file, i % 2 == 0 ? 3 : 1))];
        ImageSet train = IdxImages.Combine(files[0], files[1], White, Classes);
        ImageSet test = IdxImages.Combine(files[2], files[3], White, Classes);
        if (train.Shape != test.Shape)
            throw new RequestException(
                $"{files[2].Path}: images of {test.Shape}, but {train.Shape} for training");
        return new(name, Classes, train, test, Digest.OfAll(files.Select(f => f.Content)));
    }

    private static IdxFile Read(string folder, string file, int dimensions) =>
        IdxFile.Read(
            FindFile(folder, file)
                ?? throw new RequestException($"{Path.Combine(folder, file)}[.gz]: no such file"),
            dimensions);

    private static string? FindFile(string folder, string file) =>
        new[] { file + ".gz", file }
            .Select(f => Path.Combine(folder, f))
            .FirstOrDefault(File.Exists);
}
