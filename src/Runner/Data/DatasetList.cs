using QSim.Runner.CommandLine;

namespace QSim.Runner.Data;

/// <summary>The one list of datasets.</summary>
public static class DatasetList
{
    /// <summary>Every dataset that QSim knows.</summary>
    public static IReadOnlyList<IDatasetSource> All { get; } =
    [
        new DigitsSource(),
        new IdxSource(
            "mnist", "70,000 handwritten digits, 28x28 (LeCun, Cortes, Burges)", ["mnist", "MNIST/raw"]),
        new IdxSource(
            "fashion-mnist",
            "70,000 articles of clothing, 28x28 (Zalando Research, MIT)",
            ["fashion-mnist", "FashionMNIST/raw"]),
    ];

    /// <summary>The source with the given name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static IDatasetSource Find(string name) =>
        All.FirstOrDefault(s => s.Name == name) ?? throw new UsageException(
            $"unknown dataset '{name}' (supported: {string.Join(", ", All.Select(s => s.Name))})");
}
