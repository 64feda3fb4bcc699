using System.Reflection;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// The digits inside the program (Data/Digits/ATTRIBUTION.md): the first 1,297 to train, the last
/// 500 to test.
/// </summary>
internal sealed class DigitsSource : IDatasetSource
{
    private const int TestImages = 500;
    private const int White = 16;
    private const int Classes = 10;

    /// <inheritdoc/>
    public string Name => "digits";

    /// <inheritdoc/>
    public string Description =>
        "1,797 handwritten digits, 8x8 (UCI Optical Recognition of Handwritten Digits, CC BY 4.0)";

    /// <inheritdoc/>
    public string? Locate(DataFolders folders) => "inside qsim";

    /// <inheritdoc/>
    public string HowToGet => "nothing to do";

    /// <inheritdoc/>
    public Dataset Load(DataFolders folders)
    {
        IdxFile images = ReadResource("digits-images-idx3-ubyte.gz", 3);
        IdxFile labels = ReadResource("digits-labels-idx1-ubyte.gz", 1);
        ImageSet all = IdxImages.Combine(images, labels, White, Classes);
        int train = all.Count - TestImages;
        return new(
            Name, Classes, all.Slice(0, train), all.Slice(train, TestImages),
            Digest.OfAll([images.Content, labels.Content]));
    }

    private static IdxFile ReadResource(string name, int dimensions)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"resource '{name}' is missing from this build");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return IdxFile.Read(content.ToArray(), name, dimensions);
    }
}
