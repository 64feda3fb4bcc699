using System.Text;

namespace QSim.Runner.Data.Pixels;

/// <summary>A dataset whose images are all of one size, as the network takes them.</summary>
/// <param name="inner">The dataset.</param>
/// <param name="geometry">What is done to its images.</param>
internal sealed class GeometrySource(IDatasetSource inner, ImageGeometry geometry) : IDatasetSource
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public string Description => inner.Description;

    /// <inheritdoc/>
    public string HowToGet => inner.HowToGet;

    /// <inheritdoc/>
    public string? Locate(DataFolders folders) => inner.Locate(folders);

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        Dataset data = inner.Load(folders);
        return data with
        {
            Train = geometry.Apply(data.Train, data.Name),
            Test = geometry.Apply(data.Test, data.Name),
            Sha256 = Digest.OfAll(
                [Encoding.UTF8.GetBytes(data.Sha256), Encoding.UTF8.GetBytes(geometry.Text)]),
        };
    }
}
