using QSim.Kernels.Datapath;

namespace QSim.Runner.Data;

/// <summary>A file of images and a file of labels become an <see cref="ImageSet"/>.</summary>
internal static class IdxImages
{
    /// <summary>Pairs images with labels.</summary>
    /// <param name="images">A file of three dimensions.</param>
    /// <param name="labels">A file of one dimension.</param>
    /// <param name="white">The byte that becomes 1.</param>
    /// <param name="classes">Labels are 0 to this, exclusive.</param>
    /// <exception cref="RequestException">
    /// The two do not belong together, or a value is out of range.
    /// </exception>
    public static ImageSet Combine(IdxFile images, IdxFile labels, int white, int classes)
    {
        int count = images.Dimensions[0];
        if (labels.Dimensions[0] != count)
        {
            throw new RequestException(
                $"{labels.Path}: {labels.Dimensions[0]} labels for the {count} images of "
                    + $"{images.Path}");
        }

        CheckRange(images, "pixel", white + 1);
        CheckRange(labels, "label", classes);
        return new(
            new TensorShape(1, images.Dimensions[1], images.Dimensions[2]),
            Array.ConvertAll(images.Values.ToArray(), v => (float)v / white),
            Array.ConvertAll(labels.Values.ToArray(), v => (int)v))
        {
            IsBytes = white == byte.MaxValue,
        };
    }

    private static void CheckRange(IdxFile file, string what, int limit)
    {
        int at = limit > byte.MaxValue
            ? -1
            : file.Values.Span.IndexOfAnyInRange((byte)limit, byte.MaxValue);
        if (at < 0) return;
        throw new RequestException(
            $"{file.Path}: {what} {at} is {file.Values.Span[at]} (supported: 0..{limit - 1})");
    }
}
