using System.Text;
using QSim.Kernels.Datapath;
using QSim.Runner.Data.Pixels;

namespace QSim.Runner.Data.Sources;

/// <summary>PNG files with labels become images of one size.</summary>
internal static class PngSet
{
    private static readonly string[] OtherImages =
        [".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"];

    /// <summary>What the digest of a dataset starts with: nothing where images stay.</summary>
    public static IEnumerable<byte[]> Start(ImageGeometry geometry) =>
        geometry.IsNone ? [] : [Encoding.UTF8.GetBytes(geometry.Text + "\n")];

    /// <summary>The PNG files of a folder in the order of their names' characters.</summary>
    /// <exception cref="RequestException">There are images of another format.</exception>
    public static IEnumerable<string> FilesIn(string folder)
    {
        string[] all = [.. Directory.GetFiles(folder)
            .Where(f => !Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal)];
        if (all.FirstOrDefault(f => OtherImages.Contains(Ending(f))) is { } other)
            throw new RequestException(
                $"{other}: images are read from PNG files (convert it, or put it elsewhere)");
        return all.Where(f => Ending(f) == ".png");
    }

    /// <summary>Reads files.</summary>
    /// <param name="files">Path, name for the digest, label; one at least.</param>
    /// <param name="geometry">What is done to each.</param>
    /// <param name="known">The shape that they must have; null for the first one's.</param>
    /// <param name="content">Names and bytes are added, for the digest.</param>
    /// <exception cref="RequestException">One is bad, or of another shape.</exception>
    public static ImageSet Read(
        IReadOnlyList<(string File, string Name, int Label)> files, ImageGeometry geometry,
        TensorShape? known, List<byte[]> content)
    {
        float[]? pixels = null;
        TensorShape shape = known ?? default;
        bool isBytes = true;
        for (int i = 0; i < files.Count; i++)
        {
            byte[] bytes = DataBytes.Read(files[i].File);
            PngImage image = PngImage.Decode(bytes, files[i].File);
            TensorShape found = geometry.ShapeOf(image.Shape, files[i].File);
            if (known is null && i == 0) shape = found;
            if (found != shape)
                throw new RequestException(
                    $"{files[i].File}: an image of {found}, but the first is {shape}"
                        + (geometry.Crop.Count == 0 && found.Channels == shape.Channels
                            ? " (preprocess: resize and crop make them alike)"
                            : ""));
            pixels ??= new float[Sizes.Elements(files.Count, shape.Length)];
            geometry.Apply(image.Pixels, image.Shape, image.IsBytes, files[i].File).CopyTo(
                pixels, i * shape.Length);
            isBytes &= image.IsBytes;
            content.Add(Encoding.UTF8.GetBytes(files[i].Name + "\n"));
            content.Add(bytes);
        }

        return new(shape, pixels!, [.. files.Select(f => f.Label)]) { IsBytes = isBytes };
    }

    private static string Ending(string file) => Path.GetExtension(file).ToLowerInvariant();
}
