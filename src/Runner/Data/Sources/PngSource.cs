using QSim.Kernels.Datapath;
using QSim.Runner.Data.Pixels;
using QSim.Runner.Output;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// A dataset of the user's own as PNG files: <c>train/CLASS/*.png</c> and <c>test/CLASS/*.png</c>.
/// Classes are numbered in the order of their names' characters, as torchvision's ImageFolder does.
/// Images are taken in turn from each class, by file name, so that the first of them are a fair
/// sample.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="geometry">What is done to each image.</param>
internal sealed class PngSource(string folder, ImageGeometry geometry) : IDatasetSource
{
    /// <inheritdoc/>
    public string Name => folder;

    /// <inheritdoc/>
    public string Description => "PNG images";

    /// <inheritdoc/>
    public string HowToGet => "train/CLASS/*.png and test/CLASS/*.png, or val/ for test/";

    /// <summary>Whether there are images to test alone.</summary>
    private bool IsOneSet => !Directory.Exists(Path.Combine(folder, "train"))
        && Directory.Exists(Path.Combine(folder, Test));

    /// <summary>Test images; as ImageNet has them where there is no test/.</summary>
    private string Test => !Directory.Exists(Path.Combine(folder, "test"))
        && Directory.Exists(Path.Combine(folder, "val")) ? "val" : "test";

    /// <inheritdoc/>
    public string? Locate(DataFolders folders) => Directory.Exists(folder) ? folder : null;

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        bool isOne = IsOneSet;
        string first = isOne ? Test : "train";
        string[] classes = ClassesIn(first);
        if (classes.Length < 2)
            throw new RequestException(
                $"{folder}: {classes.Length} classes in {first}/ where at least 2 are needed "
                    + $"({HowToGet})");
        if (ClassesIn(Test).Except(classes).FirstOrDefault() is { } untrained)
            throw new RequestException(
                $"{Path.Combine(folder, Test, untrained)}: there is no such class in train/");
        List<byte[]> content = [.. PngSet.Start(geometry)];
        ImageSet train = Read(first, classes, null, content);
        ImageSet test = isOne ? train : Read(Test, classes, train.Shape, content);
        string name = Path.GetFileName(
            Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar));
        return new(name, classes.Length, train, test, Digest.OfAll(content))
        {
            ClassNames = classes,
            WhatSays = least => least < classes.Length
                ? $"{Path.Combine(folder, first, classes[least])} is class {least} of "
                    + $"{classes.Length}"
                : null,
            IsOneSet = isOne,
        };
    }

    private string[] ClassesIn(string part)
    {
        string path = Path.Combine(folder, part);
        FoundFolder.Check(path, $"{HowToGet} are needed");
        return
        [
            .. Directory
                .GetDirectories(path)
                .Select(d => Path.GetFileName(d)!)
                .Where(d => !d.StartsWith('.'))
                .Order(StringComparer.Ordinal),
        ];
    }

    private ImageSet Read(string part, string[] classes, TensorShape? known, List<byte[]> content)
    {
        (string File, int Label)[] files = [.. Files(part, classes)];
        if (files.Length == 0)
            throw new RequestException(
                $"{Path.Combine(folder, part)}: there are no PNG files in its folders");
        var names = files.Select(f => $"{part}/{classes[f.Label]}/{Path.GetFileName(f.File)}");
        return PngSet.Read(
            [.. files.Zip(names, (f, name) => (f.File, name, f.Label))], geometry, known, content);
    }

    /// <summary>The first of each class, then the second of each, and so on.</summary>
    private IEnumerable<(string File, int Label)> Files(string part, string[] classes) =>
        from label in Enumerable.Range(0, classes.Length)
        let path = Path.Combine(folder, part, classes[label])
        where Directory.Exists(path)
        from file in PngSet.FilesIn(path).Index()
        orderby file.Index, label
        select (file.Item, label);
}
