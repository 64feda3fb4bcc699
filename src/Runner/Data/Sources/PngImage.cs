using QSim.Kernels.Datapath;
using StbImageSharp;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// One PNG file: grey (one channel), or colour (three), up to 8 bits per channel.
/// </summary>
/// <param name="Shape">Channels, rows, columns.</param>
/// <param name="Pixels">[channel][row][column] in 0..1; 255 is 1.</param>
internal sealed record PngImage(TensorShape Shape, float[] Pixels)
{
    private const int HeaderLength = 26;
    private static readonly byte[] Signature =
    [
        0x89,
        (byte)'P',
        (byte)'N',
        (byte)'G',
        0x0d,
        0x0a,
        0x1a,
        0x0a,
    ];

    /// <summary>Decodes a file.</summary>
    /// <exception cref="RequestException">
    /// It is no PNG file, damaged, or of an unsupported kind.
    /// </exception>
    public static PngImage Decode(byte[] file, string path)
    {
        if (file.Length < HeaderLength
            || !file.AsSpan(0, Signature.Length).SequenceEqual(Signature))
            throw new RequestException($"{path}: is not a PNG file, despite its name");
        (int bits, int kind) = (file[24], file[25]);
        if (bits > 8)
            throw new RequestException($"{path}: {bits} bits per channel (supported: up to 8)");
        if (kind is 4 or 6)
            throw new RequestException(
                $"{path}: has transparency (supported: grey or RGB without alpha)");
        if (PngChunks.WhyNot(file) is { } problem)
            throw new RequestException($"{path}: {problem}");
        int channels = kind == 0 ? 1 : 3;
        try
        {
            ImageResult image = ImageResult.FromMemory(
                file, channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue);
            return new(new(channels, image.Height, image.Width), ToPlanes(image.Data, channels));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The decoder meets damage in many ways, an index out of range among them.
            throw new RequestException(
                $"{path}: the PNG data is damaged ({e.Message.TrimEnd('.')})");
        }
    }

    private static float[] ToPlanes(byte[] interleaved, int channels)
    {
        var pixels = new float[interleaved.Length];
        int positions = interleaved.Length / channels;
        for (int p = 0; p < positions; p++)
            for (int c = 0; c < channels; c++)
                pixels[(c * positions) + p] = interleaved[(p * channels) + c] / 255f;
        return pixels;
    }
}
