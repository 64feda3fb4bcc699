using System.Buffers.Binary;
using QSim.Kernels.Datapath;
using StbImageSharp;

namespace QSim.Runner.Data.Sources;

/// <summary>
/// One PNG file: grey (one channel), grey with alpha (two), colour (three) or colour with alpha
/// (four), all as they are.
/// </summary>
/// <param name="Shape">Channels, rows, columns.</param>
/// <param name="Pixels">[channel][row][column] in 0..1; 255, or 65535 of 16 bits, is 1.</param>
/// <param name="IsBytes">Whether it has no more than 8 bits per channel.</param>
internal sealed record PngImage(TensorShape Shape, float[] Pixels, bool IsBytes)
{
    private const int HeaderLength = 33;

    /// <summary>What the decoder calls so many channels.</summary>
    private static readonly ColorComponents[] Components =
    [
        ColorComponents.Default,
        ColorComponents.Grey,
        ColorComponents.GreyAlpha,
        ColorComponents.RedGreenBlue,
        ColorComponents.RedGreenBlueAlpha,
    ];

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
        if (PngChunks.WhyNot(file) is { } problem)
            throw new RequestException($"{path}: {problem}");
        int channels = kind switch
        {
            0 => 1,
            4 => 2,
            6 => 4,
            _ => 3,
        };
        try
        {
            return bits == 16
                ? Deep(file, channels)
                : Whole(ImageResult.FromMemory(file, Components[channels]), channels);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The decoder meets damage in many ways, an index out of range among them.
            throw new RequestException(
                $"{path}: the PNG data is damaged ({e.Message.TrimEnd('.')})");
        }
    }

    private static PngImage Whole(ImageResult image, int channels) =>
        new(new(channels, image.Height, image.Width), ToPlanes(image.Data, channels), true);

    private static PngImage Deep(byte[] file, int channels)
    {
        var shape = new TensorShape(channels, Extent(file, 20), Extent(file, 16));
        return new(shape, DeepPng.Decode(file, shape.Rows, shape.Columns, channels), false);
    }

    private static int Extent(byte[] file, int at) =>
        BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));

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
