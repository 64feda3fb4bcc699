using QSim.Runner.Data.Pixels;
using QSim.Runner.Data.Sources;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Data;

/// <summary>
/// The one list of datasets that have names, and the way from a path to a dataset of the user's
/// own.
/// </summary>
internal static class DatasetList
{
    /// <summary>What may stand where a dataset is asked for.</summary>
    public const string Supported =
        "a name from 'qsim data', a FILE.npz, a FILE.csv of PNG files and labels, or a folder of "
            + "PNG images";

    /// <summary>Every dataset that QSim knows by name.</summary>
    public static IReadOnlyList<IDatasetSource> All { get; } =
    [
        new DigitsSource(),
        new IdxSource(
            "mnist", "70,000 handwritten digits, 28x28 (LeCun, Cortes, Burges)",
            ["mnist", "MNIST/raw"]),
        new IdxSource(
            "fashion-mnist", "70,000 articles of clothing, 28x28 (Zalando Research, MIT)",
            ["fashion-mnist", "FashionMNIST/raw"]),
        new Cifar10Source(),
    ];

    /// <summary>
    /// The source of a name; or of a path: a file that ends in .npz or .csv, or a folder. A name
    /// wins over a folder that is called the same: write <c>./mnist</c> for the folder.
    /// </summary>
    /// <param name="name">The name, or the path.</param>
    /// <param name="range">Of the pixels; null for 0..1.</param>
    /// <param name="geometry">What is done to the images; null for nothing.</param>
    /// <exception cref="RequestException">It is none of them.</exception>
    public static IDatasetSource Find(
        string name, PixelRange? range = null, ImageGeometry? geometry = null)
    {
        ImageGeometry how = geometry ?? new();
        how.Check();
        if (IsOf(name, ".npz")) return Changed(new NpzSource(name, range, how.Layout), how);
        if (range is not null)
            throw new RequestException(
                $"pixel range {range}: {name} has bytes (supported: for a FILE.npz of floats)");
        if (how.Layout is not null)
            throw new RequestException(
                $"preprocess: layout: the images of {name} have one already (supported: for a "
                    + "FILE.npz)");
        if (IsOf(name, ".csv")) return new CsvSource(name, how);
        if (All.FirstOrDefault(s => s.Name == name) is { } known) return Changed(known, how);
        if (Directory.Exists(name)) return new PngSource(name, how);
        throw new RequestException(
            $"unknown dataset '{name}'{Suggestion.Hint(name, All.Select(s => s.Name))} (supported: "
                + $"{string.Join(", ", All.Select(s => s.Name))}, a FILE.npz, a FILE.csv, a "
                + "folder of PNG images)");
    }

    private static bool IsOf(string name, string ending) =>
        name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static IDatasetSource Changed(IDatasetSource source, ImageGeometry how) =>
        how.IsNone ? source : new GeometrySource(source, how);
}
